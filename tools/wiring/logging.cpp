#include "wiring/logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <string>

#include "claimledger/failure.hpp"

namespace claimledger::wiring {

std::shared_ptr<spdlog::logger> make_logger() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(plain ? spdlog::color_mode::never
                                                                          : spdlog::color_mode::automatic);
  auto logger = std::make_shared<spdlog::logger>("claimledger", std::move(sink));
  logger->set_pattern("%n: %^%l%$: %v");
  logger->set_level(spdlog::level::warn);
  if (const char* wanted = std::getenv("CLAIMLEDGER_LOG"); wanted != nullptr && *wanted != '\0') {
    const auto level = spdlog::level::from_str(wanted);
    // from_str gives `off` for text it does not know.
    if (level == spdlog::level::off && std::string(wanted) != "off")
      throw InvalidInput("CLAIMLEDGER_LOG", "must be trace, debug, info, warn, error or off");
    logger->set_level(level);
  }
  return logger;
}

}  // namespace claimledger::wiring
