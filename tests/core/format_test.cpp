#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "claimledger/domain/entry.hpp"
#include "codec/codec.hpp"
#include "codec/layout.hpp"
#include "domain/hex.hpp"

// The format document is part of the format: what it says in tables and vectors is compared with what the code does.
namespace claimledger::codec {
namespace {

std::string document() {
  std::ifstream file(CLAIMLEDGER_SOURCE_DIR "/core/FORMAT.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The test vectors: lines "name = text" anywhere in the document.
std::map<std::string, std::string> vectors() {
  std::map<std::string, std::string> found;
  std::istringstream lines(document());
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals == std::string::npos || line.find(' ') != equals) continue;
    found[line.substr(0, equals)] = line.substr(equals + 3);
  }
  return found;
}

// The ledger that the document describes in words.
struct Example {
  AgentId agent{"ada"};
  BatchHeader header{.agent = agent,
                     .id = {*parse_uuid("01977a3e-6c00-7000-8000-00000000000b")},
                     .recorded_at = parse_tx_time("2026-06-01T08:00:00.000001Z", "recorded_at"),
                     .actor = "cli",
                     .entries = 2};
  ClaimId claim{*parse_uuid("01977a3e-6c00-7000-8000-000000000001")};
  Content content{.subject = "Ada",
                  .predicate = "lives_in",
                  .value = Value("Berlin"),
                  .source = "Ada herself",
                  .metadata = Value::parse(R"({"b":1.0,"a":"é"})")};
  std::array<std::uint8_t, 16> salt{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  Entry recorded() const {
    ClaimRecorded entry;
    entry.claim.id = claim;
    entry.claim.cardinality = Cardinality::functional;
    entry.claim.window.from = parse_valid_time("2020-03", "valid_from");
    entry.claim.valid_time_confidence = {9'000};
    entry.claim.value_confidence = {10'000};
    entry.claim.trusted = true;
    return entry;
  }

  Entry cut() const {
    return Cut{.claim = claim,
               .kind = CutKind::bound,
               .from = parse_valid_time("2025", "at").at,
               .reason = CutReason::end,
               .disposition = Disposition::invalidated};
  }
};

TEST(Format, TheTestVectorsAreWhatTheCodeMakes) {
  const Example example;
  const auto header = encode(example.header);
  const auto content = encode(example.content);
  const auto promise = commitment(example.salt, content);
  const auto first =
      encode(example.recorded(),
             {.seq = {1}, .recorded_at = example.header.recorded_at, .previous_on_line = {}, .commitment = promise});
  const auto second =
      encode(example.cut(),
             {.seq = {2}, .recorded_at = example.header.recorded_at, .previous_on_line = {1}, .commitment = {}});
  const auto start = genesis_hash(example.agent);
  const auto after_first = chain(start, header, first);
  const auto after_second = chain(after_first, {}, second);
  const std::map<std::string, std::string> expected = {
      {"genesis", start.hex()},
      {"header", to_hex(header)},
      {"content", to_hex(content)},
      {"commitment", promise.hex()},
      {"entry_1", to_hex(first)},
      {"hash_1", after_first.hex()},
      {"entry_2", to_hex(second)},
      {"hash_2", after_second.hex()},
      {"key_digest", idempotency_digest(example.agent, "order 66").hex()},
  };

  const auto written = vectors();

  for (const auto& [name, bytes] : expected) {
    EXPECT_EQ(written.contains(name) ? written.at(name) : "missing", bytes) << name;
  }
  EXPECT_EQ(written.size(), expected.size());
}

// Collects the tags of a record, in the order in which they are visited.
struct Tags {
  std::vector<int> tags;
  template <class Field>
  void operator()(std::uint8_t tag, const Field&) {
    tags.push_back(tag);
  }
  void unless(std::uint8_t tag, const ValidTime&, ValidTime) { tags.push_back(tag); }
};

// A record's row in the document: "| 16 | ClaimRecorded | 16 id, 17 …"; here the tags that it lists.
std::vector<int> documented_tags(const std::string& text, int type, std::string_view name) {
  const auto start = "| " + std::to_string(type) + " | " + std::string(name) + " | ";
  const auto at = text.find(start);
  if (at == std::string::npos) return {};
  std::istringstream row(text.substr(at + start.size(), text.find('\n', at) - at - start.size()));
  std::vector<int> tags;
  for (std::string field; std::getline(row, field, ',');) {
    const auto digit = field.find_first_of("0123456789");
    if (digit != std::string::npos) tags.push_back(std::stoi(field.substr(digit)));
  }
  return tags;
}

template <class Record>
void expect_documented(const std::string& text, int type, std::string_view name, const Record& record) {
  Tags code;
  fields(record, code);
  EXPECT_EQ(documented_tags(text, type, name), code.tags) << name;
  for (std::size_t i = 1; i < code.tags.size(); ++i) EXPECT_LT(code.tags[i - 1], code.tags[i]) << name;
}

template <std::size_t... places>
void expect_kinds_documented(const std::string& text, std::index_sequence<places...>) {
  (expect_documented(text, first_entry_type + static_cast<int>(places), entry_kinds()[places],
                     std::variant_alternative_t<places, Entry>{}),
   ...);
}

TEST(Format, TheTablesListEveryFieldOfEveryRecord) {
  const auto text = document();
  expect_documented(text, batch_type, "BatchHeader", BatchHeader{});
  expect_documented(text, content_type, "Content", Content{});
  expect_kinds_documented(text, std::make_index_sequence<std::variant_size_v<Entry>>{});
}

template <class Enum>
void expect_listed(const std::string& text, std::string_view name) {
  std::string row = "| " + std::string(name) + " | ";
  for (const auto spelling : spellings<Enum>()) {
    if (spelling != spellings<Enum>().front()) row += ", ";
    row += spelling;
  }
  EXPECT_NE(text.find(row + " |"), std::string::npos) << row << " |";
}

TEST(Format, TheTablesListEveryNumberedWord) {
  const auto text = document();
  expect_listed<Cardinality>(text, "cardinality");
  expect_listed<Provenance>(text, "provenance");
  expect_listed<Criticality>(text, "criticality");
  expect_listed<Disposition>(text, "disposition");
  expect_listed<Rationale>(text, "rationale");
  expect_listed<CutKind>(text, "cut kind");
  expect_listed<CutReason>(text, "cut reason");
  expect_listed<Closing>(text, "closing");
  expect_listed<ReviewVerdict>(text, "review verdict");
  expect_listed<Verb>(text, "verb");
  expect_listed<ClockSource>(text, "clock");
  expect_listed<Granularity>(text, "granularity");
}

}  // namespace
}  // namespace claimledger::codec
