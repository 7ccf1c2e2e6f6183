#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

Statement statement(const std::string& subject, int value) {
  Statement statement{
      .subject = subject, .predicate = "lives_in", .value = Value("city number " + std::to_string(value))};
  statement.source = "the register of residents";
  return statement;
}

Statement dated(const std::string& subject, int value, int day) {
  auto dated = statement(subject, value);
  const auto first = parse_valid_time("2000-01-01", "day").at.value + std::chrono::days{day};
  dated.window = {ValidEnd{{first}, Granularity::day}, ValidEnd{{first + std::chrono::days{1}}, Granularity::day}};
  return dated;
}

}  // namespace claimledger::benchmarks
