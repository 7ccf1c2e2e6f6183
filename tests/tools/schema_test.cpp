#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "claimledger/failure.hpp"
#include "json_schema.hpp"
#include "shell.hpp"
#include "wiring/json.hpp"

namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

constexpr auto id = "0190163d-8694-7c3b-b2a1-0123456789ab";

// Requests with every field that they can have at once, each with the function that reads it.
struct Sample {
  Json request;
  std::function<void(const std::string&)> parse;
};
template <class Request>
Sample sample(Json request) {
  return {std::move(request), [](const std::string& text) { wiring::parse_request<Request>(text); }};
}
Sample line_sample(Json line, wiring::RecordedAt recorded_at) {
  return {std::move(line), [=](const std::string& text) { wiring::parse_ingest_line(text, {}, recorded_at); }};
}

Json with(Json base, const Json& more) {
  base.update(more);
  return base;
}

std::map<std::string, Sample> samples() {
  const Json line{{"subject", "user"}, {"predicate", "city"}};
  const Json agent{{"agent", "ada"}};
  const Json at{{"as_of", "2026-06"}, {"asked_at", "2026-06-01T08:00:00+02:00"}};
  const Json page{{"limit", 5}, {"cursor", "c"}};
  const Json claim{{"claim_id", id}};
  const Json searched = with(with(agent, at), {{"text", "travel plans"},      {"subject", "user"},
                                               {"predicate", "city"},         {"subject_prefix", "u"},
                                               {"predicate_prefix", "c"},     {"statuses", {"Contested"}},
                                               {"valid_during", "2020"},      {"provenances", {"ModelDerived"}},
                                               {"source", "lease"},           {"least_confidence", 0.5},
                                               {"least_criticality", "High"}, {"metadata", {{"page", 3}}},
                                               {"valid_at", "2020"},          {"history", true},
                                               {"recency_share", 0.3},        {"half_life", 86'400'000'000},
                                               {"least_score", 0.1},          {"limit", 5},
                                               {"more_agents", {"bob"}},      {"explain", true}});
  const Json act{{"provenance", "UserAsserted"}, {"why", "moved"}, {"expected_position", 3}};
  const Json statement = with(line, {{"value", {1, 2.5}},
                                     {"valid_from", "2020"},
                                     {"valid_until", "2021-03-01"},
                                     {"source", "lease"},
                                     {"provenance", {{"type", "External"}, {"kind", "UserAsserted"}}},
                                     {"cardinality", "Functional"},
                                     {"value_confidence", 0.5},
                                     {"valid_time_confidence", 1},
                                     {"criticality", "High"},
                                     {"derived_from", {id}},
                                     {"metadata", {{"a", 1}}},
                                     {"idempotency_key", "k"},
                                     {"adjudication_ttl", 1000}});
  auto during = with(line, {{"value", nullptr}, {"valid_during", "2020"}, {"confidence", 1}});
  const auto read = with(with(agent, at), page);
  return {
      {"IngestLine",
       line_sample(with(statement, {{"recorded_at", "2020-01-01T00:00:00Z"}}), wiring::RecordedAt::required)},
      {"Question", sample<wiring::Question>(
                       with(line, {{"as_of", "2020"}, {"valid_at", "2020"}, {"expected", nullptr}, {"source", "s"}}))},
      {"RecallRequest",
       sample<RecallRequest>(with(with(with(line, agent), at), {{"valid_at", "2020"}, {"serve_to", "c"}}))},
      {"HistoryRequest", sample<HistoryRequest>(with(with(read, line), Json::object()))},
      {"TimelineRequest", sample<TimelineRequest>(with(with(read, line), {{"valid_during", "2020"}}))},
      {"SearchRequest", sample<SearchRequest>(searched)},
      {"ContextRequest", sample<ContextRequest>(with(searched, {{"budget", 400}, {"serve_to", "c"}}))},
      {"SubjectRequest", sample<SubjectRequest>(with(read, {{"subject", "user"}, {"valid_at", "2020"}}))},
      {"ContestedRequest", sample<ContestedRequest>(with(read, {{"valid_at", "2020"}}))},
      {"PendingRequest", sample<PendingRequest>(read)},
      {"ClaimRequest", sample<ClaimRequest>(with(with(agent, at), claim))},
      {"LineageRequest", sample<LineageRequest>(with(with(read, claim), {{"direction", "descendants"}}))},
      {"ServedRequest", sample<ServedRequest>(with(read, {{"context", "chat"}}))},
      {"AuditRequest", sample<AuditRequest>(with(with(read, claim), {{"kinds", {"Ended"}},
                                                                     {"disposition", "Contested"},
                                                                     {"line", line},
                                                                     {"recorded_from", "2020"},
                                                                     {"recorded_until", "2021"},
                                                                     {"order", "descending"}}))},
      {"OutcomeRequest", sample<OutcomeRequest>(with(agent, {{"idempotency_key", "k"}}))},
      {"AgentsRequest", sample<AgentsRequest>(page)},
      {"SubjectsRequest", sample<SubjectsRequest>(read)},
      {"PredicatesRequest", sample<PredicatesRequest>(with(read, {{"subject", "user"}}))},
      {"VerifyRequest", sample<VerifyRequest>(agent)},
      {"StatusRequest", sample<StatusRequest>(agent)},
      {"IngestRequest",
       sample<IngestRequest>(with(agent, {{"statements", {statement, during}}, {"expected_position", 3}}))},
      {"EndRequest", sample<EndRequest>(with(with(with(agent, claim), act), {{"at", "2026"}}))},
      {"RetractRequest", sample<RetractRequest>(with(with(with(agent, line), act), Json::object()))},
      {"RetractSourceRequest",
       sample<RetractSourceRequest>(with(with(agent, act), {{"source", "s"}, {"dry_run", true}}))},
      {"CorrectRequest", sample<CorrectRequest>(with(with(with(agent, line), act), {{"value", "Bonn"},
                                                                                    {"valid_from", "2020"},
                                                                                    {"valid_until", "2021"},
                                                                                    {"source", "s"},
                                                                                    {"cardinality", "Unknown"},
                                                                                    {"value_confidence", 0.1},
                                                                                    {"valid_time_confidence", 0.2},
                                                                                    {"criticality", "Low"},
                                                                                    {"metadata", Json::object()},
                                                                                    {"idempotency_key", "k"}}))},
      {"ReopenRequest", sample<ReopenRequest>(with(with(with(agent, claim), act), {{"at", "2026"}}))},
      {"ReviewRequest", sample<ReviewRequest>(with(with(with(agent, claim), act), {{"verdict", "keep"}}))},
      {"AdjudicateRequest",
       sample<AdjudicateRequest>(
           with(agent, {{"handle", id}, {"verdict", "Affirm"}, {"evidence", "e"}, {"provenance", "UserAsserted"}}))},
      {"SweepRequest", sample<SweepRequest>(agent)},
      {"ReconcileRequest", sample<ReconcileRequest>(with(agent, {{"lines", {line}}}))},
  };
}

Json schema_of(const std::string& shape) { return Json::parse(wiring::schema_of({shape})); }

// Empty where it is taken.
std::string refusal(const Sample& sample, const Json& request) {
  try {
    sample.parse(request.dump());
    return {};
  } catch (const InvalidInput& bad) {
    return bad.what();
  }
}

TEST(Schema, HasEveryRequestThatIsRead) {
  std::size_t requests = 0;
  for (const auto& name : wiring::shape_names()) {
    const bool read = name.ends_with("Request") || name == "IngestLine" || name == "Question";
    requests += read ? 1U : 0U;
    EXPECT_EQ(samples().contains(name), read) << name;
  }
  EXPECT_EQ(requests, samples().size());
}

// Reader and schema accept the same requests; tried with every request that has one wrong field.
TEST(Schema, SaysOfARequestWhatTheReaderSays) {
  const Json wrong[] = {nullptr,
                        true,
                        7,
                        -1,
                        0,
                        0.5,
                        1.0,
                        1e3,
                        1e19,
                        1e300,
                        std::numeric_limits<std::uint64_t>::max(),
                        "",
                        "x",
                        "2020",
                        "Low",
                        id,
                        Json::array(),
                        Json::object(),
                        // Dates: what is one, and what only looks like one.
                        "0000",
                        "0001",
                        "9999",
                        "2020-13",
                        "2020-00",
                        "2020-06-00",
                        "2020-06-32",
                        "2020-06-30",
                        "2020-6",
                        "2020-06-01T00:00Z",
                        "2020-06-01T24:00:00Z",
                        "2020-06-01T23:60:00Z",
                        "2020-06-01T23:59:60Z",
                        "2020-06-01T23:59:59.1234567Z",
                        "2020-06-01T23:59:59.Z",
                        "2020-06-01t23:59:59.123456z",
                        "2020-06-01T00:00:00+24:00",
                        "2020-06-01T00:00:00-23:59",
                        "2020-06-01T00:00:00",
                        "nonsense",
                        // Who says so.
                        "External",
                        "External/ModelDerived",
                        {{"type", "ModelDerived"}},
                        {{"type", "ModelDerived"}, {"kind", ""}},
                        {{"type", "ModelDerived"}, {"kind", nullptr}},
                        {{"type", "External"}, {"kind", ""}},
                        {{"type", "External"}, {"kind", "UserAsserted"}}};
  std::size_t taken = 0, refused = 0;
  for (const auto& [name, sample] : samples()) {
    SCOPED_TRACE(name);
    const auto schema = schema_of(name);
    const auto agree = [&, &shape = sample](const Json& request) {
      const auto why = refusal(shape, request);
      const auto bad = misfit(request, schema);
      EXPECT_EQ(why.empty(), bad.empty()) << request << "\nreader: " << why << "\nschema: " << bad;
      ++(why.empty() ? taken : refused);
    };
    ASSERT_EQ(refusal(sample, sample.request), "");
    ASSERT_EQ(misfit(sample.request, schema), "");
    for (const auto& [field, member] : sample.request.items()) {
      auto request = sample.request;
      request.erase(field);
      if (name != "IngestLine" || field != "recorded_at") agree(request);
      for (const auto& other : wrong) {
        if (name == "IngestLine" && field == "recorded_at" && other.is_null()) continue;  // the call's to require
        request[field] = other;
        agree(request);
      }
    }
    agree(with(sample.request, {{"another", 1}}));
  }
  EXPECT_GT(taken, 600U);
  EXPECT_GT(refused, 3'000U);
}

// Some value of each field of a shape that is right by itself, and null where that is no value.
Json right_for(const Json& property, const Json& schema) {
  const Json right[] = {"2020",
                        id,
                        7,
                        0.5,
                        true,
                        "Low",
                        "keep",
                        "Affirm",
                        "Functional",
                        "descendants",
                        "descending",
                        "UserAsserted",
                        "Contested",
                        Json::array(),
                        Json::object(),
                        {{"subject", "s"}, {"predicate", "p"}}};
  auto alone = property;
  alone["$defs"] = schema["$defs"];
  for (const auto& each : right)
    if (misfit(each, alone).empty()) return each;
  return nullptr;
}

// The same of every pair of fields, also of those that no sample has together, and with either of them null.
TEST(Schema, SaysOfTwoFieldsTogetherWhatTheReaderSays) {
  std::size_t pairs = 0, refused = 0;
  for (const auto& [name, sample] : samples()) {
    SCOPED_TRACE(name);
    const auto schema = schema_of(name);
    const auto& shape = schema["$defs"][name];
    Json least = Json::object();
    for (const auto& field : shape["required"]) least[field] = sample.request[field];
    if (name == "IngestLine") least["recorded_at"] = "2020";
    for (const auto& alternative : shape.value("oneOf", Json::array()))
      for (const auto& field : alternative["required"])
        if (sample.request.contains(field)) least[field] = sample.request[field];
    for (const auto& [one, first] : shape["properties"].items()) {
      for (const auto& [other, second] : shape["properties"].items()) {
        if (one >= other || (name == "IngestLine" && (one == "recorded_at" || other == "recorded_at"))) continue;
        const Json pair{{one, right_for(first, schema)}, {other, right_for(second, schema)}};
        for (const auto& more : {pair, with(pair, {{one, nullptr}}), with(pair, {{other, nullptr}})}) {
          const auto request = with(least, more);
          const auto why = refusal(sample, request);
          const auto bad = misfit(request, schema);
          EXPECT_EQ(why.empty(), bad.empty()) << request << "\nreader: " << why << "\nschema: " << bad;
          ++pairs;
          refused += bad.empty() ? 0U : 1U;
        }
      }
    }
  }
  EXPECT_GT(pairs, 1'500U);
  EXPECT_GT(refused, 30U);
}

TEST(Schema, ExcludesWhatTheReaderExcludes) {
  const Json line{{"subject", "s"}, {"predicate", "p"}, {"value", 1}, {"recorded_at", "2020"}};
  const Json recall{{"agent", "ada"}, {"subject", "s"}, {"predicate", "p"}};
  const Json correct{{"agent", "ada"}, {"subject", "s"}, {"predicate", "p"}, {"value", 1}};
  const std::tuple<std::string, Json, Json> both[] = {
      {"IngestLine", line, {{"valid_during", "2020"}, {"valid_from", "2020"}}},
      {"IngestLine", line, {{"valid_during", "2020"}, {"valid_until", "2020"}}},
      {"IngestLine", line, {{"confidence", 1}, {"value_confidence", 1}}},
      {"CorrectRequest", correct, {{"valid_during", "2020"}, {"valid_from", "2020"}}},
      {"RecallRequest", recall, {{"position", 1}, {"as_of", "2020"}}},
  };
  for (const auto& [name, least, pair] : both) {
    EXPECT_NE(refusal(samples().at(name), with(least, pair)), "") << pair;
    EXPECT_NE(misfit(with(least, pair), schema_of(name)), "") << pair;
    auto one_null = with(least, pair);
    one_null[pair.begin().key()] = nullptr;
    EXPECT_EQ(refusal(samples().at(name), one_null), "") << pair;
    EXPECT_EQ(misfit(one_null, schema_of(name)), "") << pair;
  }
}

TEST(Schema, TiesTheDetailsOfAnEntryToItsKind) {
  const auto schema = schema_of("AuditEntry");
  AuditEntry ended;
  ended.record.entry = Ended{};
  AuditEntry gone;
  gone.record.entry = Tombstone{};
  auto entry = Json::parse(wiring::json_line(ended));
  EXPECT_EQ(misfit(entry, schema), "");
  entry["details"] = Json::parse(wiring::json_line(gone))["details"];
  EXPECT_NE(misfit(entry, schema), "");
  entry["kind"] = "Tombstone";
  EXPECT_EQ(misfit(entry, schema), "");
}

TEST(Schema, TakesOneOfTwoWaysToNameAThing) {
  const auto all = samples();
  const auto& end = all.at("EndRequest");
  const auto schema = schema_of("EndRequest");
  const Json base{{"agent", "ada"}, {"at", "2026"}};
  const Json line{{"subject", "user"}, {"predicate", "city"}};
  const Json claim{{"claim_id", id}};

  EXPECT_EQ(refusal(end, with(base, line)), "");
  EXPECT_EQ(refusal(end, with(base, claim)), "");
  EXPECT_EQ(refusal(end, base), "claim_id: is required: claim_id, or subject and predicate");
  EXPECT_EQ(refusal(end, with(with(base, line), claim)), "subject: excludes claim_id");
  EXPECT_EQ(refusal(end, with(base, {{"subject", "user"}})), "predicate: is required");
  EXPECT_EQ(misfit(with(base, line), schema), "");
  EXPECT_EQ(misfit(with(base, claim), schema), "");
  EXPECT_NE(misfit(base, schema), "");
  EXPECT_NE(misfit(with(with(base, line), claim), schema), "");
  EXPECT_NE(misfit(with(base, {{"subject", "user"}}), schema), "");
}

TEST(Schema, OfARequestNamesWhereInAListAFieldIsWrong) {
  const auto refused = [&](const std::string& statement) {
    try {
      wiring::parse_request<IngestRequest>(R"({"agent":"a","statements":[{"subject":"s","predicate":"p","value":1},)" +
                                           statement + "]}");
    } catch (const InvalidInput& bad) {
      return bad.field();
    }
    return std::string("nothing");
  };
  EXPECT_EQ(refused(R"({"subject":"s","predicate":"p","value":1})"), "nothing");
  EXPECT_EQ(refused(R"({"subject":7,"predicate":"p","value":1})"), "statements[1].subject");
  EXPECT_EQ(refused(R"({"subject":"s","predicate":"p"})"), "statements[1].value");
  EXPECT_EQ(refused(R"({"subject":"s","predicate":"p","value":1,"worth":2})"), "statements[1].worth");
  EXPECT_EQ(refused(R"({"subject":"s","predicate":"p","value":1,"derived_from":["x"]})"),
            "statements[1].derived_from[0]");
  EXPECT_EQ(refused(R"({"subject":"s","predicate":"p","value":1,"provenance":{"type":"No"}})"),
            "statements[1].provenance.type");
  EXPECT_EQ(refused(R"({"subject":"s","subject":"t","predicate":"p","value":1})"), "statements[1].subject");
}

TEST(Schema, OfARequestKeepsValuesInListsAsTheyWereTyped) {
  const auto request = wiring::parse_request<IngestRequest>(
      R"({"statements":[ {"subject":"]}","predicate":"p","value":9007199254740993.0} ,)"
      R"({"metadata":{"a":[1,2,{"b":"}"}]},"value":[18446744073709551615.0],"subject":"s","predicate":"q"}],)"
      R"("agent":"a"})");

  ASSERT_EQ(request.statements.size(), 2U);
  EXPECT_EQ(request.statements[0].value.text(), "9007199254740993");
  EXPECT_EQ(request.statements[1].value.text(), "[18446744073709551615]");
  EXPECT_EQ(request.statements[1].metadata->text(), R"({"a":[1,2,{"b":"}"}]})");
  EXPECT_EQ(request.agent.value, "a");
}

TEST(Schema, OfARequestFillsEveryMember) {
  const auto request = wiring::parse_request<CorrectRequest>(samples().at("CorrectRequest").request.dump());
  EXPECT_EQ(std::get<LineKey>(request.claim), (LineKey{"user", "city"}));
  EXPECT_EQ(request.value, Value("Bonn"));
  EXPECT_EQ(to_text(*request.window->from), "2020");
  EXPECT_EQ(to_text(*request.window->until), "2021");
  EXPECT_EQ(request.value_confidence->basis_points, 1'000);
  EXPECT_EQ(request.why, "moved");
  EXPECT_EQ(request.expected_position, Position{3});

  const auto audit = wiring::parse_request<AuditRequest>(samples().at("AuditRequest").request.dump());
  EXPECT_EQ(audit.filter.kinds, std::vector<std::string>{"Ended"});
  EXPECT_EQ(audit.filter.disposition, Disposition::contested);
  EXPECT_EQ(audit.filter.line, (LineKey{"user", "city"}));
  EXPECT_EQ(audit.order, Order::descending);
  EXPECT_EQ(audit.page.limit, 5U);
  EXPECT_EQ(to_text(*audit.at.as_of), "2026-06-01T00:00:00Z");

  const auto during = wiring::parse_request<IngestRequest>(samples().at("IngestRequest").request.dump()).statements[1];
  EXPECT_EQ(to_text(*during.window.until), "2021");
}

TEST(Schema, IsPrintedForACommandAShapeOrAll) {
  const Shell shell;
  const auto all = Json::parse(shell.run("claimledger schema").out);
  const auto one = Json::parse(shell.run("claimledger schema Slot").out);
  const auto command = Json::parse(shell.run("claimledger schema claim").out);

  EXPECT_EQ(all["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_TRUE(all["$defs"].contains("Belief"));
  EXPECT_EQ(one["$ref"], "#/$defs/Slot");
  EXPECT_EQ(one["$defs"].size(), 3U) << "the slot, who says so, and a time as stated";
  EXPECT_EQ(command["anyOf"][1], Json({{"type", "null"}}));
  const auto unknown = shell.run("claimledger schema Nothing");
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_EQ(unknown.err.find("claimledger: name: there is no shape or command Nothing. Commands: remember, end,"), 0U);
}

// The commands of the help: each has a schema, or it is said why not.
TEST(Schema, IsThereForEveryCommand) {
  const Shell shell;
  const auto list = shell.run("claimledger schema --list").out;
  std::istringstream words(
      shell.run("claimledger completion bash | sed -n 's/^    \\([a-z]*\\)) options=.*/\\1/p'").out);
  std::size_t commands = 0;
  for (std::string command; words >> command; ++commands) {
    SCOPED_TRACE(command);
    const auto ran = shell.run("claimledger schema " + command);
    EXPECT_EQ(ran.err.find("there is no shape or command"), std::string::npos) << ran.err;
    if (ran.exit == 0) {
      EXPECT_NE(("\n" + list).find("\n" + command + "\n"), std::string::npos) << list;
    } else {
      EXPECT_EQ(ran.err.find("claimledger: name: " + command + " "), 0U) << ran.err;
    }
  }
  EXPECT_GT(commands, 30U);
  EXPECT_NE(shell.run("claimledger schema completion").err.find("prints a script"), std::string::npos);
  EXPECT_NE(list.find("\nBelief\n"), std::string::npos);
}

TEST(Schema, FitsAFailure) {
  const Shell shell;
  const auto schema = schema_of("FailureReport");
  for (const auto* words : {"recall user city --as-of never", "status", "nonsense", "recall"}) {
    const auto ran = shell.run(std::string("claimledger --json ") + words);
    EXPECT_GE(ran.exit, 2);
    EXPECT_EQ(misfit(Json::parse(ran.err), schema), "") << ran.err;
  }
}

// That the answers of commands are right is tested where they are (json_test.cpp).
TEST(Schema, SaysOfAWrongAnswerThatItIsWrong) {
  const auto schema = schema_of("Belief");
  auto belief = Json::parse(wiring::json_line(Belief{}));
  EXPECT_EQ(misfit(belief, schema), "");
  belief["status"] = "Perhaps";
  EXPECT_NE(misfit(belief, schema), "");
  belief["status"] = "Resolved";
  belief.erase("set");
  EXPECT_NE(misfit(belief, schema), "");
}

}  // namespace
}  // namespace claimledger::tests
