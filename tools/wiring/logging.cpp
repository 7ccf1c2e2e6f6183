#include "wiring/logging.hpp"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include "claimledger/failure.hpp"
#include "wiring/hidden.hpp"
#include "wiring/json.hpp"
#include "wiring/reports.hpp"

namespace claimledger::wiring {

namespace {

// What is logged holds names and words of servers: as in every answer nothing of them steers a terminal.
class PrintableMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto text = printable({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override { return std::make_unique<PrintableMessage>(); }
};

std::unique_ptr<spdlog::formatter> text_formatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<PrintableMessage>('*').set_pattern("%n: %^%l%$: %*");
  return formatter;
}

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto text = [](spdlog::string_view_t view) { return std::string(view.data(), view.size()); };
    const auto line =
        json_line(Remark{text(message.payload), text(spdlog::level::to_string_view(message.level))}) + "\n";
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(LogLines lines) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(plain ? spdlog::color_mode::never
                                                                          : spdlog::color_mode::automatic);
  auto logger = std::make_shared<spdlog::logger>("claimledger", std::move(sink));
  logger->set_formatter(lines == LogLines::json ? std::unique_ptr<spdlog::formatter>(std::make_unique<JsonFormatter>())
                                                : text_formatter());
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

std::function<void(std::string_view)> warnings_to(std::shared_ptr<spdlog::logger> logger) {
  return [logger = std::move(logger)](std::string_view notice) { logger->warn("{}", notice); };
}

}  // namespace claimledger::wiring
