#include "codec/transfer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "random_records.hpp"

namespace claimledger::codec {
namespace {

using nlohmann::json;

// Seals entries into a batch as the engine does, at `first`.
StoredBatch batch_of(const std::vector<std::pair<Entry, std::optional<Content>>>& entries, Position first = {1}) {
  conformance::SeededIds ids(11);
  StoredBatch batch;
  batch.header = {.agent = AgentId{"agent \u00e9"},
                  .id = {ids.uuid(Instant{})},
                  .recorded_at = parse_tx_time("2026-06-01T08:00:00.000001Z", "t"),
                  .clock = ClockSource::replay,
                  .actor = "host \"1\"",
                  .entries = static_cast<std::uint32_t>(entries.size())};
  batch.first = first;
  auto hash = genesis_hash(batch.header.agent);
  for (const auto& [entry, content] : entries) {
    StoredEntry stored;
    stored.seq = {first.value + batch.entries.size()};
    stored.recorded_at = batch.header.recorded_at;
    Frame frame{.seq = stored.seq, .recorded_at = stored.recorded_at, .previous_on_line = {}, .commitment = {}};
    if (content) {
      stored.content_state = ContentState::present;
      stored.content.salt = ids.salt();
      stored.content.body = encode(*content);
      frame.commitment = commitment(stored.content.salt, stored.content.body);
      if (content->subject && content->predicate) stored.line = LineKey{*content->subject, *content->predicate};
    }
    stored.body = encode(entry, frame);
    stored.hash = hash = chain(hash, batch.entries.empty() ? encode(batch.header) : Bytes{}, stored.body);
    fill_keys(stored, batch.header.agent, entry, content.value_or(Content{}));
    batch.entries.push_back(stored);
  }
  return batch;
}

Content claim_content(const Value& value) {
  Content content;
  content.subject = "Ada";
  content.predicate = "lives in";
  content.value = value;
  content.source = "Ada herself \U0001F600";
  content.metadata = Value::parse(R"({"n":1.50})");
  content.idempotency_key = "key 1";
  content.request = sha256({"request"});
  return content;
}

StoredBatch one_claim(const Value& value = Value("Berlin")) {
  ClaimRecorded entry;
  entry.claim.id.value = conformance::SeededIds(3).uuid(Instant{});
  return batch_of({{entry, claim_content(value)}});
}

// The field that is named when the line of one claim, changed so, is read.
std::string refused_field(const std::function<void(json&)>& change) {
  auto line = json::parse(to_json_line(one_claim()));
  change(line);
  try {
    from_json_line(line.dump());
    return "none";
  } catch (const InvalidInput& refused) {
    return refused.field();
  }
}

TEST(Transfer, EveryKindOfEntryComesBackWithItsKeys) {
  constexpr std::uint64_t seed = 12;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<Entry, std::optional<Content>>> entries;
    for (const auto& entry : random_entries(random)) {
      std::optional<Content> content;
      if (random.below(2) == 0) {
        content = random_record<Content>(random);
        content->metadata = Value::parse("{}");
      }
      entries.emplace_back(entry, content);
    }
    const auto batch = batch_of(entries, {random.below(1'000'000) + 1});

    const auto back = from_json_line(to_json_line(batch));

    ASSERT_EQ(back.header, batch.header);
    ASSERT_EQ(back.entries.size(), batch.entries.size());
    for (std::size_t i = 0; i < batch.entries.size(); ++i)
      ASSERT_EQ(back.entries[i], batch.entries[i]) << batch.entries[i].kind;
    ASSERT_EQ(back, batch);
  }
}

TEST(Transfer, ValuesOfEveryKindComeBackByteForByte) {
  std::string deep = "1";
  for (std::size_t i = 0; i < limits::json_depth; ++i) deep = "[" + deep + "]";
  for (const auto& text : std::vector<std::string>{
           "null", "true", "0", "9007199254740993", "18446744073709551615", "1e20", "-9223372036854775808", "0.1",
           "1e21", "1e-7", "5e-324", "1.7976931348623157e308", R"("\u0001\"\\\n")", "\"\u00e9e\u0301\U0001F600\"",
           R"({"\uFF61":1,"\uD800\uDC00":[{}]})", deep}) {
    const auto batch = one_claim(Value::parse(text));
    EXPECT_EQ(from_json_line(to_json_line(batch)), batch) << text;
  }
}

TEST(Transfer, ALineIsReadable) {
  const auto line = to_json_line(one_claim());
  EXPECT_EQ(line.find('\n'), std::string::npos);

  const auto parsed = json::parse(line);

  EXPECT_EQ(parsed["agent"], "agent \u00e9");
  EXPECT_EQ(parsed["recorded_at"], "2026-06-01T08:00:00.000001Z");
  EXPECT_EQ(parsed["clock"], "replay");
  EXPECT_EQ(parsed["actor"], "host \"1\"");
  EXPECT_EQ(parsed["entries"][0]["kind"], "ClaimRecorded");
  EXPECT_EQ(parsed["entries"][0]["line"]["subject"], "Ada");
  EXPECT_EQ(parsed["entries"][0]["content"]["value"], "Berlin");
  EXPECT_EQ(parsed["entries"][0]["content"]["metadata"]["n"], 1.5);
}

TEST(Transfer, ErasedContentStaysErased) {
  auto batch = one_claim();
  auto& entry = batch.entries[0];
  entry.content_state = ContentState::erased;
  entry.content = {};
  entry.idempotency_key.reset();

  const auto line = to_json_line(batch);

  EXPECT_EQ(line.find("Berlin"), std::string::npos);
  EXPECT_EQ(from_json_line(line), batch);
}

TEST(Transfer, AnEntryWithoutALineHasNone) {
  const auto batch = batch_of({{Served{}, Content{.context = "chat 1"}}, {Tombstone{.erased = {1}}, std::nullopt}});
  const auto back = from_json_line(to_json_line(batch));
  EXPECT_EQ(back, batch);
  EXPECT_EQ(back.entries[0].line, std::nullopt);
  EXPECT_EQ(back.entries[0].content.search_text, "chat 1");
}

TEST(Transfer, WhatDoesNotFitIsRefusedByName) {
  const auto set = [](const char* pointer, json value) {
    return [=](json& line) { line[json::json_pointer(pointer)] = value; };
  };
  const auto erase = [](const char* parent, const char* key) {
    return [=](json& line) { line[json::json_pointer(parent)].erase(key); };
  };
  EXPECT_EQ(refused_field([](json&) {}), "none");
  EXPECT_EQ(refused_field(set("/format", 2)), "format");
  EXPECT_EQ(refused_field(set("/agent", "")), "agent");
  EXPECT_EQ(refused_field(set("/batch", "x")), "batch");
  EXPECT_EQ(refused_field(set("/recorded_at", "x")), "recorded_at");
  EXPECT_EQ(refused_field(set("/recorded_at", "2026-06-01T08:00:00.000002Z")), "entries[0].body");
  EXPECT_EQ(refused_field(set("/clock", "sun")), "clock");
  EXPECT_EQ(refused_field(set("/actor", 1)), "actor");
  EXPECT_EQ(refused_field(set("/actor", std::string(limits::text_bytes + 1, 'a'))), "actor");
  EXPECT_EQ(refused_field(set("/first", 0)), "first");
  EXPECT_EQ(refused_field(set("/first", -1)), "first");
  EXPECT_EQ(refused_field(set("/first", 2)), "entries[0].seq");
  EXPECT_EQ(refused_field(set("/entries", json::array())), "entries");
  EXPECT_EQ(refused_field(set("/surprise", 1)), "surprise");
  EXPECT_EQ(refused_field(set("/entries/0", 1)), "entries[0]");
  EXPECT_EQ(refused_field(set("/entries/0/surprise", 1)), "entries[0].surprise");
  EXPECT_EQ(refused_field(set("/entries/0/seq", 2)), "entries[0].seq");
  EXPECT_EQ(refused_field(set("/entries/0/kind", "Cut")), "entries[0].kind");
  EXPECT_EQ(refused_field(set("/entries/0/body", "0110")), "entries[0].body");
  EXPECT_EQ(refused_field(set("/entries/0/body", "0")), "entries[0].body");
  EXPECT_EQ(refused_field(set("/entries/0/body", "zz")), "entries[0].body");
  EXPECT_EQ(refused_field(set("/entries/0/hash", "00")), "entries[0].hash");
  EXPECT_EQ(refused_field(erase("/entries/0", "hash")), "entries[0].hash");
  EXPECT_EQ(refused_field(set("/entries/0/line", nullptr)), "entries[0].line");
  EXPECT_EQ(refused_field(set("/entries/0/line/subject", "Eve")), "entries[0].line");
  EXPECT_EQ(refused_field(set("/entries/0/line/subject", "")), "entries[0].line.subject");
  EXPECT_EQ(refused_field(set("/entries/0/content", nullptr)), "entries[0].content");
  EXPECT_EQ(refused_field(set("/entries/0/content/value", "Bonn")), "entries[0].content");
  EXPECT_EQ(refused_field(set("/entries/0/content/salt", std::string(32, '0'))), "entries[0].content");
  EXPECT_EQ(refused_field(set("/entries/0/content/salt", "00")), "entries[0].content.salt");
  EXPECT_EQ(refused_field(set("/entries/0/content/erased", true)), "entries[0].content.erased");
  EXPECT_EQ(refused_field(set("/entries/0/content/source", std::string(limits::text_bytes + 1, 'a'))),
            "entries[0].content.source");
  EXPECT_EQ(refused_field(set("/entries/0/content/metadata", 1)), "entries[0].content.metadata");
  EXPECT_EQ(refused_field(erase("/entries/0/content", "why")), "none");
  EXPECT_EQ(refused_field(erase("/entries/0/content", "source")), "entries[0].content");
}

TEST(Transfer, AnEntryWithoutContentGetsNone) {
  auto line = json::parse(to_json_line(batch_of({{Tombstone{.erased = {1}}, std::nullopt}})));
  line["entries"][0]["content"] = {{"why", "smuggled in"}};
  EXPECT_THROW(from_json_line(line.dump()), InvalidInput);
}

TEST(Transfer, WhatIsNotALineOfJsonIsRefused) {
  const auto good = to_json_line(one_claim());
  for (const auto& line : std::vector<std::string>{"", "{", "[]", "1", good + good, good.substr(0, good.size() - 1),
                                                   good + std::string(1, '\0'), "{\"first\":1," + good.substr(1)}) {
    EXPECT_THROW(from_json_line(line), InvalidInput) << line.substr(0, 40);
  }
}

// The reader of a line recurses into its levels and must not run out of stack.
TEST(Transfer, ALineNestedWithoutEndIsRefused) {
  auto line = to_json_line(one_claim());
  const std::string value = R"("value":"Berlin")";
  const auto at = line.find(value);
  ASSERT_NE(at, std::string::npos);
  for (const std::size_t depth : {limits::json_depth + 1, std::size_t{1'000'000}}) {
    auto deep = line;
    deep.replace(at, value.size(), R"("value":)" + std::string(depth, '[') + std::string(depth, ']'));
    EXPECT_THROW(from_json_line(deep), InvalidInput) << depth;
  }
  line.insert(at, R"("value":1,)");
  try {
    from_json_line(line);
    ADD_FAILURE() << "was taken";
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "entries[0].content.value");
  }
}

TEST(Keys, FollowFromTheEntryAndItsContent) {
  conformance::SeededIds ids(4);
  const ClaimId a{ids.uuid(Instant{})};
  const ClaimId b{ids.uuid(Instant{})};
  const AdjudicationId handle{ids.uuid(Instant{})};
  const AgentId agent{"agent"};
  const auto keys = [&](const Entry& entry, const Content& content) {
    StoredEntry stored;
    stored.line = LineKey{"kept", "as it is"};
    fill_keys(stored, agent, entry, content);
    EXPECT_EQ(stored.line, (LineKey{"kept", "as it is"}));
    return stored;
  };

  ClaimRecorded recorded;
  recorded.claim.id = a;
  recorded.claim.derived_from = {b, a, b};
  recorded.disposition = Disposition::contested;
  auto stored = keys(recorded, {.source = "s", .idempotency_key = "k", .context = "c"});
  EXPECT_EQ(stored.kind, kind_number<ClaimRecorded>);
  EXPECT_EQ(stored.disposition, disposition_number(Disposition::contested));
  EXPECT_TRUE(stored.begins);
  EXPECT_EQ(stored.claim, a);
  EXPECT_EQ(stored.derived_from, (std::vector<ClaimId>{b, a}));
  EXPECT_EQ(stored.idempotency_key, idempotency_digest(agent, "k"));
  EXPECT_EQ(stored.content.search_text, "s");

  stored = keys(Served{.claims = {b, a, b}}, {.source = "s", .context = "c"});
  EXPECT_EQ(stored.disposition, std::nullopt);
  EXPECT_FALSE(stored.begins);
  EXPECT_EQ(stored.claim, std::nullopt);
  EXPECT_EQ(stored.served, (std::vector<ClaimId>{b, a}));
  EXPECT_EQ(stored.idempotency_key, std::nullopt);
  EXPECT_EQ(stored.content.search_text, "c");

  Corroborated again;
  again.stated.id = b;
  again.stated.derived_from = {a, a};
  stored = keys(again, {.source = "s"});
  EXPECT_EQ(stored.claim, b);
  EXPECT_FALSE(stored.begins);
  EXPECT_EQ(stored.derived_from, (std::vector<ClaimId>{a}));
  EXPECT_EQ(stored.content.search_text, "s") << "a restatement has a source, too";
  EXPECT_EQ(keys(AdjudicationOpened{.handle = handle, .claim = a}, {}).handle, handle);
  EXPECT_EQ(keys(AdjudicationClosed{.handle = handle, .claim = a}, {}).handle, handle);
  EXPECT_EQ(keys(Tombstone{.erased = {7}}, {}).erases, Position{7});
  EXPECT_EQ(keys(Ended{.claim = a}, {}).erases, std::nullopt);
  EXPECT_EQ(keys(TakenBack{.statements = {{7}}}, {}).claim, std::nullopt);
  EXPECT_TRUE(keys(Judged{.claim = a, .begins = true}, {}).begins);
  EXPECT_FALSE(keys(Judged{.claim = a}, {}).begins);
}

}  // namespace
}  // namespace claimledger::codec
