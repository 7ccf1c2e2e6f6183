#include <filesystem>

#include "benchmarks/database.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger::benchmarks {

namespace fs = std::filesystem;

namespace {

// From 1980 on, so that ten thousand days are all in the past: what begins tomorrow is judged otherwise.
ValidEnd start_of(int day) {
  const auto first = parse_valid_time("1980-01-01", "day").at.value;
  return {{first + std::chrono::days{day}}, Granularity::day};
}

constexpr const char* beside[] = {"", "-wal", "-shm", "-lock"};

}  // namespace

Scale quick_scale() {
  return {.claims = 10'000,
          .calls = 40,
          .turns = 500,
          .warming = 2'000,
          .rivals = 500,
          .successions = 2'000,
          .lines = 1'000,
          .claims_a_line = 100,
          .rounds = 3,
          .rows = 25'000};
}

Scale smallest_scale() {
  return {.claims = 1'000,
          .calls = 2,
          .turns = 20,
          .warming = 5,
          .rivals = 20,
          .successions = 100,
          .lines = 20,
          .claims_a_line = 10,
          .rounds = 1,
          .round_seconds = 0.1,
          .rows = 300,
          .dimensions = 20};
}

Statement statement(const std::string& subject, int value) {
  Statement statement{
      .subject = subject, .predicate = "lives_in", .value = Value("city number " + std::to_string(value))};
  statement.source = "the register of residents";
  return statement;
}

Statement dated(const std::string& subject, int value, int day) {
  auto dated = statement(subject, value);
  dated.window = {start_of(day), start_of(day + 1)};
  return dated;
}

Statement since(const std::string& subject, int value, int day) {
  auto since = statement(subject, value);
  since.window.from = start_of(day);
  return since;
}

Engine engine_on_file(const std::string& path, const Config& config, std::shared_ptr<Observer> observer) {
  return Engine({.store = sqlite::open({.path = path}),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>(),
                 .observer = std::move(observer)},
                config);
}

double database_mib(const std::string& path) {
  const auto database = open_database(path);
  const auto number = [&](const char* pragma) { return std::stod(column(database.get(), pragma).front()); };
  return number("PRAGMA page_count") * number("PRAGMA page_size") / (1024 * 1024);
}

void remove_database(const std::string& path) {
  for (const auto* suffix : beside) fs::remove(path + suffix);
}

}  // namespace claimledger::benchmarks
