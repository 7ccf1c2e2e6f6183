#include <algorithm>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/limits.hpp"

// Bytes and texts come back as they were given.
namespace claimledger::conformance {

namespace {

Bytes every_byte() {
  Bytes bytes;
  for (int twice = 0; twice < 2; ++twice) {
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// Texts that careless storage confuses: composed and decomposed, case, spaces, numbers, quotes, beyond the basic plane.
const std::vector<std::string> texts = {"caf\u00e9",
                                        "cafe\u0301",
                                        "Caf\u00e9",
                                        "\u212b",
                                        "\u00c5",
                                        "A\u030a",
                                        "a",
                                        "A",
                                        "a ",
                                        " a",
                                        "a\t",
                                        "a\n",
                                        "1",
                                        "1.0",
                                        "01",
                                        "1e0",
                                        "NULL",
                                        "null",
                                        "'",
                                        "\"",
                                        "\\",
                                        "%_",
                                        ";--",
                                        "\u200b",
                                        "\U0001F600",
                                        "\U0001F469\u200d\U0001F680",
                                        "\ufeffx",
                                        "x\ufeff",
                                        "\u0645\u0631\u062d\u0628\u0627",
                                        "\U0010FFFF",
                                        "\x7f",
                                        "\x01"};

}  // namespace

TEST_P(StoreContract, E01_EveryByteOfBodyAndContentComesBack) {
  const auto commit = write({with_content(with_body(attempt_rejected(), every_byte()), every_byte() + every_byte()),
                             with_body(attempt_rejected(), std::string(3, '\0'))});

  EXPECT_EQ(all_entries(), as_read(commit.entries));
  EXPECT_EQ(all_entries().at(0).body, every_byte());
  EXPECT_EQ(all_entries().at(0).content.body, every_byte() + every_byte());
}

TEST_P(StoreContract, E02_EmptyContentIsNotNoContent) {
  const auto commit = write({with_content(with_body(attempt_rejected(), ""), ""), attempt_rejected()});

  const auto entries = all_entries();
  EXPECT_EQ(entries, as_read(commit.entries));
  EXPECT_EQ(entries.at(0).content_state, ContentState::present);
  EXPECT_EQ(entries.at(1).content_state, ContentState::none);
}

TEST_P(StoreContract, E03_AMebibyteOfBodyAndOfContentComesBack) {
  Bytes body;
  while (body.size() < limits::value_bytes) body += every_byte();
  const auto content = body + std::string(4 * limits::text_bytes + limits::metadata_bytes, 'x');

  const auto commit = write({with_content(with_body(attempt_rejected(), body), content)});

  EXPECT_TRUE(all_entries() == as_read(commit.entries));
  EXPECT_TRUE(all_batches() == std::vector{batch_of(commit)});
}

TEST_P(StoreContract, E04_SubjectsAndPredicatesAreBytesNotWords) {
  std::vector<StoredEntry> entries;
  for (const auto& text : texts) {
    entries.push_back(claim_recorded({text, "p"}, ids().claim()));
    entries.push_back(claim_recorded({"s", text}, ids().claim()));
  }

  const auto commit = write(std::move(entries));

  EXPECT_EQ(all_entries(), as_read(commit.entries));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(store().line(agent(), {texts[i], "p"}, anywhere, unlimited), std::vector{as_read(commit.entries[2 * i])});
    EXPECT_EQ(store().line(agent(), {"s", texts[i]}, anywhere, unlimited),
              std::vector{as_read(commit.entries[2 * i + 1])});
  }
}

TEST_P(StoreContract, E05_AgentsActorsAndSearchTextsAreBytesNotWords) {
  std::vector<Commit> commits;
  for (const auto& text : texts) {
    auto commit = draft_for(AgentId{text}, {with_content(attempt_rejected(), "body", text)});
    commit.header.actor = text;
    ASSERT_EQ(append(commit), Outcome{});
    commits.push_back(commit);
  }

  EXPECT_EQ(store().agents({}, 1'000, unlimited).size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(all_batches(AgentId{texts[i]}), std::vector{batch_of(commits[i])}) << texts[i];
    const auto found =
        store().entries(AgentId{texts[i]}, {.key = key::Text{texts[i]}, .limit = 9}, anywhere, unlimited);
    EXPECT_EQ(found, as_read(commits[i].entries)) << texts[i];
  }
}

TEST_P(StoreContract, E06_TextsOfTheGreatestLengthComeBack) {
  const AgentId longest{std::string(limits::agent_bytes, 'a')};
  const AgentId almost{std::string(limits::agent_bytes - 1, 'a') + "b"};
  const LineKey line{std::string(limits::text_bytes, 's'), std::string(limits::text_bytes, 'p')};
  const LineKey sibling{line.subject, std::string(limits::text_bytes - 1, 'p') + "q"};
  auto commit = draft_for(longest, {claim_recorded(line, ids().claim()), claim_recorded(sibling, ids().claim()),
                                    with_content(attempt_rejected(), "x", std::string(limits::text_bytes, 'l'))});
  commit.header.actor = std::string(limits::text_bytes, 'c');

  ASSERT_EQ(append(commit), Outcome{});

  EXPECT_EQ(all_batches(longest), std::vector{batch_of(commit)});
  EXPECT_EQ(store().line(longest, sibling, anywhere, unlimited), std::vector{as_read(commit.entries[1])});
  EXPECT_TRUE(all_batches(almost).empty());
}

TEST_P(StoreContract, E07_EveryHeaderFieldComesBack) {
  auto replayed = draft({attempt_rejected()});
  replayed.header.clock = ClockSource::replay;
  replayed.header.format = 7;
  replayed.header.actor = "";
  ASSERT_EQ(append(replayed), Outcome{});
  const auto plain = write({attempt_rejected(), attempt_rejected()});

  EXPECT_EQ(all_batches(), (std::vector{batch_of(replayed), batch_of(plain)}));
}

TEST_P(StoreContract, E08_RecordedTimeKeepsItsMicroseconds) {
  for (const std::int64_t time : {1, 999, 1'001, 999'999, 1'000'000, 1'000'001})
    write_at(example_time(time), {attempt_rejected()});

  std::vector<TxTime> times;
  for (const auto& entry : all_entries()) times.push_back(entry.recorded_at);
  EXPECT_EQ(times, (std::vector{example_time(1), example_time(999), example_time(1'001), example_time(999'999),
                                example_time(1'000'000), example_time(1'000'001)}));
  EXPECT_EQ(head().recorded_at, example_time(1'000'001));
}

TEST_P(StoreContract, E09_EveryKindAndDispositionComesBack) {
  const auto claim = ids().claim();
  const auto handle = ids().handle();
  write({claim_recorded(line(), claim)});
  std::vector<StoredEntry> entries;
  for (const auto text : entry_kinds()) {
    const auto kind = parse_kind(text).value();
    if (kind == kind_number<ClaimRecorded> || kind == kind_number<Tombstone>) continue;
    auto entry = about_claim(kind, line(), claim);
    if (kind == kind_number<AdjudicationOpened> || kind == kind_number<AdjudicationClosed>) entry.handle = handle;
    if (kind == kind_number<Served>) entry = claims_served({claim}, "chat");
    entries.push_back(entry);
  }
  const auto dispositions = static_cast<std::uint8_t>(spellings<Disposition>().size());
  for (std::uint8_t disposition = 0; disposition < dispositions; ++disposition) {
    auto entry = about_claim(kind_number<ReviewSettled>, line(), claim);
    entry.disposition = disposition;
    entries.push_back(entry);
  }

  const auto commit = write(std::move(entries));

  EXPECT_EQ(all_entries({.from = Position{2}}), as_read(commit.entries));
  for (std::uint8_t disposition = 0; disposition < dispositions; ++disposition) {
    const auto found = all_entries({.key = key::Disposition{disposition}, .from = Position{2}});
    ASSERT_EQ(found.size(), 1U) << int{disposition};
    EXPECT_EQ(found[0].disposition, disposition);
  }
}

TEST_P(StoreContract, E10_IdsOfAnyBitsComeBack) {
  ClaimId zeros;
  ClaimId ones;
  ones.value = ids().next();
  std::fill(ones.value.begin(), ones.value.end(), std::uint8_t{0xff});
  ClaimId high = ones;
  high.value.data[0] = 0x80;

  const auto commit = write({claim_recorded(line(), ones), claim_recorded(line(), zeros, {ones}),
                             claim_recorded(line(), high, {zeros, ones})});

  EXPECT_EQ(store().line(agent(), line(), anywhere, unlimited), as_read(commit.entries));
  EXPECT_EQ(store().dependants(agent(), std::vector{zeros, ones}, anywhere, unlimited),
            (std::vector<Derivation>{{ones, {2}, zeros}, {zeros, {3}, high}, {ones, {3}, high}}));
  EXPECT_TRUE(store().claims(agent(), std::vector{zeros}, anywhere, unlimited).at(0));
}

TEST_P(StoreContract, E11_ABatchMayBeLong) {
  std::vector<StoredEntry> entries;
  for (int i = 0; i < 5'000; ++i) entries.push_back(claim_recorded(line(std::to_string(i % 7)), ids().claim()));

  const auto commit = write(std::move(entries));

  EXPECT_EQ(head().position, Position{5'000});
  EXPECT_TRUE(all_batches() == std::vector{batch_of(commit)});
}

TEST_P(StoreContract, E12_SixtyFourParentsKeepTheirClaim) {
  std::vector<ClaimId> parents;
  std::vector<StoredEntry> entries;
  for (std::size_t i = 0; i < limits::derived_from; ++i) {
    parents.push_back(ids().claim());
    entries.push_back(claim_recorded(line(), parents.back()));
  }
  const auto child = ids().claim();
  entries.push_back(claim_recorded(line("sum"), child, parents));
  entries.push_back(claims_served(parents, "chat"));

  write(std::move(entries));

  const auto found = store().dependants(agent(), parents, anywhere, unlimited);
  ASSERT_EQ(found.size(), parents.size());
  for (std::size_t i = 0; i < parents.size(); ++i)
    EXPECT_EQ(found[i], (Derivation{parents[i], Position{parents.size() + 1}, child}));
  for (const auto& parent : parents) EXPECT_EQ(all_entries({.key = key::ServedClaim{parent}}).size(), 1U);
}

}  // namespace claimledger::conformance
