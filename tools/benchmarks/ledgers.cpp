#include <algorithm>
#include <functional>
#include <random>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

constexpr int batch_size = 1'000;

void say_days(Engine& engine, const AgentId& agent, const std::string& subject, int from, int until) {
  IngestRequest request{.agent = agent, .statements = {}};
  for (int day = from; day < until; ++day) request.statements.push_back(dated(subject, day, day));
  engine.ingest(request);
}

double recall_time(Engine& engine, const AgentId& agent, const std::string& subject, int calls) {
  const RecallRequest request{.agent = agent, .line = {subject, "lives_in"}};
  return median_seconds(calls, [&] { engine.recall(request); });
}

// Mostly new subjects; every hundredth statement adds a day to one of a hundred lines, which grow: a writer reads the
// lines it writes to, so that with more of these the last tenth would measure the length of the lines.
Statement mixed(int number) {
  if (number % 100 != 0) return statement("person " + std::to_string(number), number);
  return dated("traveller " + std::to_string(number / 100 % 100), number, number / 10'000);
}

// What is asked of a line costs, wherever in it.
struct LineCosts {
  double now = 0;     // belief at a random time
  double then = 0;    // the same, as of a random position
  double append = 0;  // of one more claim
  // Of a page of 50: claims behind the first page, and the timeline from a random time on.
  double history = 0, timeline = 0;
};

LineCosts costs_of_a_line(Engine& engine, const std::string& name, int length, const Scale& scale,
                          const std::function<Statement(int)>& make) {
  const AgentId agent{name + ", " + std::to_string(length)};
  const LineKey line{"traveller", "lives_in"};
  {
    Progress progress("a line of " + std::to_string(length) + " claims", static_cast<std::uint64_t>(length));
    for (int said = 0; said < length;) {
      IngestRequest request{.agent = agent, .statements = {}};
      for (int i = 0; i < std::max(1, length / 100); ++i) request.statements.push_back(make(said++));
      engine.ingest(request);
      progress.at(static_cast<std::uint64_t>(said));
    }
  }
  std::mt19937_64 random(7);
  const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<std::uint64_t>(bound)); };
  const auto some_day = [&] { return make(below(length)).window.from->at; };
  RecallRequest request{.agent = agent, .line = line};
  LineCosts costs;
  const Progress progress("asking it");
  engine.recall(request);  // once is paid by whoever asks first
  costs.now = median_seconds(scale.calls, [&] {
    request.valid_at = some_day();
    engine.recall(request);
  });
  HistoryRequest page{.agent = agent, .line = line, .page = {.limit = 50}};
  page.page.cursor = engine.history(page).next.value();
  costs.history = median_seconds(scale.calls, [&] { engine.history(page); });
  TimelineRequest stretch{.agent = agent, .line = line, .page = {.limit = 50}};
  costs.timeline = median_seconds(scale.calls, [&] {
    stretch.valid_during = {make(below(length / 2)).window.from, std::nullopt};
    engine.timeline(stretch);
  });
  request.at.asked_at = TxTime{std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())};
  costs.then = median_seconds(scale.calls, [&] {
    request.valid_at = some_day();
    request.at.position = Position{static_cast<std::uint64_t>(1 + below(length))};
    engine.recall(request);
  });
  int said = length;
  engine.ingest({.agent = agent, .statements = {make(said++)}});
  costs.append = median_seconds(std::max(1, scale.calls / 4),
                                [&] { engine.ingest({.agent = agent, .statements = {make(said++)}}); });
  return costs;
}

void plot_lines(Engine& engine, const Scale& scale, const std::function<Statement(int)>& make) {
  for (int length = 100; length <= scale.claims; length *= 10) {
    const auto costs = costs_of_a_line(engine, "plotted", length, scale, make);
    point("line", "belief", length, costs.now * 1e6);
    point("line", "belief as of the past", length, costs.then * 1e6);
    point("line", "one more claim", length, costs.append * 1e6);
  }
}

}  // namespace

void growing_ledger(Engine& engine, const Scale& scale) {
  heading("A ledger of " + std::to_string(scale.claims) + " claims, in batches of 1,000");
  const AgentId agent{"growing"};
  say_days(engine, agent, "probe", 0, 10);

  std::vector<double> batches;
  std::vector<std::pair<int, double>> recalls;
  Progress progress("growing the ledger", static_cast<std::uint64_t>(scale.claims));
  for (int claims = 0; claims < scale.claims;) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (int i = 0; i < batch_size; ++i) request.statements.push_back(mixed(claims++));
    batches.push_back(seconds([&] { engine.ingest(request); }));
    progress.at(static_cast<std::uint64_t>(claims));
    if (claims == 1'000 || claims == 10'000 || claims == scale.claims) {
      recalls.emplace_back(claims, recall_time(engine, agent, "probe", scale.calls));
    }
  }

  const auto tenth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, batches.size() / 10));
  const auto first = median({batches.begin(), batches.begin() + tenth});
  const auto last = median({batches.end() - tenth, batches.end()});
  row("ingest, median batch", batch_size / median(batches), "claims/s");
  row("  the last tenth", batch_size / last, "claims/s", last / first, "the time of the first tenth");
  for (const auto& [claims, time] : recalls) {
    row("recall of a line of 10 among " + std::to_string(claims) + " claims", time * 1e6, "us",
        time / recalls.front().second, "the time among 1,000");
    point("ledger", "", claims, time * 1e6);
  }
}

void long_lines(Engine& engine, const Scale& scale) {
  heading("Recall by the length of the line");
  const AgentId agent{"long lines"};
  double shortest = 0;
  for (const int length : {1, 10, 100, 1'000}) {
    const auto subject = "line of " + std::to_string(length);
    say_days(engine, agent, subject, 0, length);
    const auto time = recall_time(engine, agent, subject, scale.calls);
    if (length == 1) shortest = time;
    row(std::to_string(length) + " entries", time * 1e6, "us", time / shortest, "the time of one entry");
  }

  const auto length = std::to_string(scale.claims);
  heading("A line of " + length + " claims beside one of 100");
  LineCosts worst;
  const auto compare = [&](const std::string& name, const std::function<Statement(int)>& make) {
    const auto few = costs_of_a_line(engine, name, 100, scale, make);
    const auto many = costs_of_a_line(engine, name, scale.claims, scale, make);
    const auto print = [](const std::string& what, double one, double other, double& most) {
      row(what, other * 1e6, "us", other / one, "the time on a line of 100");
      most = std::max(most, other / one);
    };
    print(name + ": belief at some time", few.now, many.now, worst.now);
    print("  as of some position", few.then, many.then, worst.then);
    print("  one more claim", few.append, many.append, worst.append);
    print("  a page of its history", few.history, many.history, worst.history);
    print("  a page of its timeline", few.timeline, many.timeline, worst.timeline);
  };
  // An open end said today holds today, so that a later value follows it only from then on.
  constexpr int not_yet = 366 * 150;  // days from 1980
  compare("a day each", [](int value) { return dated("traveller", value, value); });
  const auto following = [](int value) { return since("traveller", value, not_yet + value); };
  compare("each following the last", following);
  if (!curves_of.empty()) plot_lines(engine, scale, following);
  goal("belief on a line of " + length + " claims, to that on one of 100", worst.now, Goal::at_most, 3);
  goal("belief as of some position, likewise", worst.then, Goal::at_most, 3);
  goal("one more claim, likewise", worst.append, Goal::at_most, 2);
  goal("a page of its history or timeline, likewise", std::max(worst.history, worst.timeline), Goal::at_most, 3);
}

void hard_lines(Engine& engine, const Scale& scale) {
  const int values = scale.claims / 50;
  heading(std::to_string(values) + " values on one line, in batches of 100");
  const auto time = [&](const char* name, auto make) {
    const AgentId agent{name};
    Progress progress(std::string("values of one line, ") + name, static_cast<std::uint64_t>(values));
    return seconds([&] {
      for (int value = 0; value < values;) {
        IngestRequest request{.agent = agent, .statements = {}};
        for (int i = 0; i < 100; ++i, ++value) request.statements.push_back(make(value));
        engine.ingest(request);
        progress.at(static_cast<std::uint64_t>(value));
      }
    });
  };
  const auto set = time("a set", [](int value) {
    auto member = statement("Ada", value);
    member.cardinality = Cardinality::set_valued;
    return member;
  });
  row("members of a set", set * 1e3, "ms");
  row("a day each", time("days", [](int value) { return dated("Ada", value, value); }) * 1e3, "ms");
  row("undated, so all of them rivals", time("rivals", [](int value) { return statement("Ada", value); }) * 1e3, "ms");
}

}  // namespace claimledger::benchmarks
