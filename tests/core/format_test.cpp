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
                     .entries = 5};
  ClaimId berlin{*parse_uuid("01977a3e-6c00-7000-8000-000000000001")};
  ClaimId munich{*parse_uuid("01977a3e-6c00-7000-8000-000000000002")};
  ClaimId parked{*parse_uuid("01977a3e-6c00-7000-8000-000000000003")};
  Content first_content{.subject = "Ada",
                        .predicate = "lives_in",
                        .value = Value("Berlin"),
                        .source = "Ada herself",
                        .metadata = Value::parse(R"({"b":1.0,"a":"é"})")};
  Content second_content{.subject = "Ada", .predicate = "lives_in", .value = Value("Munich"), .source = "Ada herself"};
  std::array<std::uint8_t, 16> salt{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  static Span span(const std::optional<ValidEnd>& from, const std::optional<ValidEnd>& until) {
    Span span;
    if (from) span.from = from->at, span.from_as = from->granularity;
    if (until) span.until = until->at, span.until_as = until->granularity;
    return span;
  }

  ClaimRecorded said(const ClaimId& id, const char* from) const {
    ClaimRecorded entry;
    entry.claim.id = id;
    entry.claim.cardinality = Cardinality::functional;
    entry.claim.window.from = parse_valid_time(from, "valid_from");
    entry.claim.valid_time_confidence = {9'000};
    entry.claim.value_confidence = {10'000};
    entry.claim.trusted = true;
    return entry;
  }

  Entry first() const { return said(berlin, "2020-03"); }

  Entry second() const {
    const auto end = [](const char* text) { return parse_valid_time(text, "at"); };
    auto entry = said(munich, "2025-05-01");
    entry.claim.overturn = OverturnPolicy::newest_first_hand_wins;
    entry.rationale = Rationale::newest_wins;
    entry.won = {{berlin, span(end("2025-05-01"), std::nullopt)}};
    entry.promoted = {
        {.claim = parked, .follows = {berlin}, .won = {{munich, span(end("2025-06"), end("2025-06-15T12:00:00Z"))}}}};
    entry.not_applied = {NotApplied::end, NotApplied::cardinality};
    return entry;
  }

  Entry third() const { return Ended{.claim = berlin, .at = parse_valid_time("2024", "at")}; }

  Entry fourth() const { return TakenBack{.claim = munich, .statements = {{2}}}; }

  Entry fifth() const {
    return Judged{.claim = berlin,
                  .disposition = Disposition::invalidated,
                  .cardinality = Cardinality::functional,
                  .counts_from = Position{1},
                  .cuts = {{.span = span(parse_valid_time("2024", "at"), std::nullopt), .seq = {3}}},
                  .statements = {{1}}};
  }
};

TEST(Format, TheTestVectorsAreWhatTheCodeMakes) {
  const Example example;
  const auto header = encode(example.header);
  std::map<std::string, std::string> expected = {
      {"genesis", genesis_hash(example.agent).hex()},
      {"header", to_hex(header)},
      {"key_digest", idempotency_digest(example.agent, "order 66").hex()},
  };
  auto hash = genesis_hash(example.agent);
  std::uint64_t seq = 0;
  const auto append = [&](const Entry& entry, const Content* content) {
    ++seq;
    const auto number = std::to_string(seq);
    Frame frame{
        .seq = {seq}, .recorded_at = example.header.recorded_at, .previous_on_line = {seq - 1}, .commitment = {}};
    if (content) {
      const auto body = encode(*content);
      frame.commitment = commitment(example.salt, body);
      expected["content_" + number] = to_hex(body);
      expected["commitment_" + number] = frame.commitment->hex();
    }
    const auto body = encode(entry, frame);
    hash = chain(hash, seq == 1 ? header : Bytes{}, body);
    expected["entry_" + number] = to_hex(body);
    expected["hash_" + number] = hash.hex();
    EXPECT_EQ(decode(body).entry, entry);
  };

  append(example.first(), &example.first_content);
  append(example.second(), &example.second_content);
  append(example.third(), nullptr);
  append(example.fourth(), nullptr);
  append(example.fifth(), nullptr);

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
  void unless(std::uint8_t tag, const ValidTime&, Granularity, ValidTime) { tags.push_back(tag); }
};

// A row of the document, "| 16 | ClaimRecorded | 16 claim (id), 17 …" or "| Win | 1 loser (id), …"; here the tags that
// it lists behind its `start`.
std::vector<int> documented_tags(const std::string& text, const std::string& start) {
  const auto at = text.find("\n" + start);
  if (at == std::string::npos) return {};
  const auto from = at + 1 + start.size();
  std::istringstream row(text.substr(from, text.find('\n', from) - from));
  std::vector<int> tags;
  for (std::string field; std::getline(row, field, ',');) {
    const auto digit = field.find_first_of("0123456789");
    if (digit != std::string::npos) tags.push_back(std::stoi(field.substr(digit)));
  }
  return tags;
}

template <class Record>
void expect_row(const std::string& text, const std::string& start, const Record& record) {
  Tags code;
  fields(record, code);
  EXPECT_EQ(documented_tags(text, start), code.tags) << start;
  for (std::size_t i = 1; i < code.tags.size(); ++i) EXPECT_LT(code.tags[i - 1], code.tags[i]) << start;
}

template <class Record>
void expect_documented(const std::string& text, int type, std::string_view name, const Record& record) {
  expect_row(text, "| " + std::to_string(type) + " | " + std::string(name) + " | ", record);
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

TEST(Format, TheTablesListEveryFieldOfEveryItem) {
  const auto text = document();
  expect_row(text, "| Win | ", Win{});
  expect_row(text, "| Promotion | ", Promotion{});
  expect_row(text, "| Cut | ", Cut{});
  expect_row(text, "| Correction | ", Correction{});
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
  expect_listed<CutReason>(text, "cut reason");
  expect_listed<TakenBackReason>(text, "taken back reason");
  expect_listed<NotApplied>(text, "not applied");
  expect_listed<OverturnPolicy>(text, "overturn policy");
  expect_listed<Closing>(text, "closing");
  expect_listed<ReviewVerdict>(text, "review verdict");
  expect_listed<Verb>(text, "verb");
  expect_listed<ClockSource>(text, "clock");
  expect_listed<Granularity>(text, "granularity");
}

}  // namespace
}  // namespace claimledger::codec
