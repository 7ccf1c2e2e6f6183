#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shell.hpp"
#include "wiring/hidden.hpp"

// Stored text reaches a terminal only as what it looks like.
namespace claimledger::tests {
namespace {

// One of each kind, as UTF-8: escape, DEL, C1, no-break space, soft hyphen, a fill character, zero-width space,
// direction mark, line separator, override, isolate, byte order mark, a tag, a variation selector of the supplement.
constexpr const char* hidden_ones[] = {"\x1b[31m",   "\x7f",       "\u0085", "\u00a0", "\u00ad", "\u3164",
                                       "\u200b",     "\u200e",     "\u2028", "\u202e", "\u2066", "\ufeff",
                                       "\U000e0041", "\U000e0100", "\u2060", "\u061c", "\u180e", "\u2003"};

bool shows_any(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto found = wiring::character_at(text, at);
    if (found.hidden && found.code != '\n') return true;
    at += found.bytes;
  }
  return false;
}

std::string utf8(char32_t code) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | code >> 18), tail(12), tail(6), tail(0)};
}

TEST(HiddenText, IsToldFromWhatShows) {
  for (const auto* text : hidden_ones) EXPECT_TRUE(wiring::character_at(text, 0).hidden) << text;
  for (const auto* text : {"a", " ", "ä", "中", "🙂", "\u2026", "\u3000", "\u2192"})
    EXPECT_FALSE(wiring::character_at(text, 0).hidden) << text;
}

// U+FE0E and U+FE0F are for pictures and key caps; behind anything else each is a bit that nobody sees.
TEST(HiddenText, IsAVariationSelectorThatChoosesNoPicture) {
  for (const std::string selector : {"\ufe0e", "\ufe0f"}) {
    for (const std::string before : {"❤", "☎", "↔", "©", "™", "🖥", "〰", "㊙", "Ⓜ"})
      EXPECT_FALSE(wiring::character_at(before + selector, before.size()).hidden) << before;
    EXPECT_FALSE(wiring::character_at("1" + selector + "\u20e3", 1).hidden) << "a key's cap";
    EXPECT_FALSE(wiring::character_at("#" + selector + "\u20e3", 1).hidden);
    for (const auto& before :
         {std::string(), std::string("a"), std::string("é"), std::string("1"), std::string("#"), std::string("中"),
          std::string("اب"), "❤" + selector, std::string("\u200b"), std::string("Ⓐ"), std::string("ⓜ"),
          std::string("→"), std::string("①"), std::string("█")})
      EXPECT_TRUE(wiring::character_at(before + selector + "b", before.size()).hidden) << before;
  }
  // As many as Unicode lists.
  int pictures = 0;
  for (char32_t code = 0x80; code < 0x20000; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    const auto text = utf8(code) + "\ufe0f";
    pictures += wiring::character_at(text, text.size() - 3).hidden ? 0 : 1;
  }
  EXPECT_EQ(pictures, 342);
  EXPECT_EQ(wiring::printable("a\ufe0fb ❤\ufe0f"), "a\\u{fe0f}b ❤\ufe0f");
}

// What is no character, as a file may be called: a half of a pair, too long a spelling, beyond the last.
TEST(HiddenText, IsWhatIsNoCharacter) {
  for (const std::string bytes : {"\xed\xa0\x80", "\xed\xbf\xbf", "\xe0\x80\xaf", "\xc0\x80", "\xf0\x80\x80\xaf",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xff", "\xe2\x82", "\xf0\x9f\x99"}) {
    for (std::size_t at = 0; at < bytes.size();) {
      const auto found = wiring::character_at(bytes, at);
      EXPECT_TRUE(found.hidden) << ::testing::PrintToString(bytes) << " at " << at;
      at += found.bytes;
    }
  }
  for (const auto* last : {"\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010fffd"})
    EXPECT_EQ(wiring::character_at(last, 0).bytes, std::string(last).size()) << last;
}

TEST(HiddenText, IsTheSameInJson) {
  for (const std::string text : hidden_ones) {
    const auto json = nlohmann::json(text + "ä🙂").dump();
    const auto safe = wiring::without_hidden(json);
    EXPECT_FALSE(shows_any(safe)) << safe;
    EXPECT_EQ(nlohmann::json::parse(safe), nlohmann::json::parse(json));
  }
}

// Every command that shows stored text, and the errors that quote what was typed.
TEST(HiddenText, ReachesNoOutputRaw) {
  const Shell shell;
  std::string all;
  for (const auto* text : hidden_ones) all += text;
  shell.write("hidden", "A" + all + "Z");
  shell.run(
      "claimledger remember \"$(cat hidden)\" \"$(cat hidden)\" \"$(cat hidden)\" --source \"$(cat hidden)\" --actor "
      "x\n"
      "claimledger remember \"$(cat hidden)\" \"$(cat hidden)\" other --queue\n"
      "claimledger remember B p v --metadata '{\"note\":\"x\"}'");

  for (const std::string command : {"recall \"$(cat hidden)\" \"$(cat hidden)\"",
                                    "history \"$(cat hidden)\" \"$(cat hidden)\"",
                                    "subject \"$(cat hidden)\"",
                                    "search A other --explain --limit 1",
                                    "search \"$(cat hidden)\" --explain",
                                    "search a --search-language \"$(cat hidden)\"",
                                    "search a --embedder \"$(cat hidden)\"",
                                    "embed --embedder \"$(cat hidden)\"",
                                    "embed --embed-cmd \": $(cat hidden)\"",
                                    "embed --all --agent \"$(cat hidden)\"",
                                    "vectors export \"$(cat hidden)\"",
                                    "vectors export to --model \"$(cat hidden)\"",
                                    "vectors drop --model \"$(cat hidden)\"",
                                    "vectors export to --agent \"$(cat hidden)\"",
                                    "context A other",
                                    "subjects --limit 1",
                                    "predicates --limit 1",
                                    "contested",
                                    "pending",
                                    "audit",
                                    "audit --limit 1",
                                    "agents",
                                    "verify --all",
                                    "status",
                                    "tail --no-follow --from-start",
                                    "retract --source \"$(cat hidden)\" --expected-position 3 --dry-run",
                                    "claim \"$(cat hidden)\"",
                                    "recall u \"$(cat hidden)\" --valid-at \"$(cat hidden)\"",
                                    "schema \"$(cat hidden)\"",
                                    "\"$(cat hidden)\"",
                                    "--agent \"$(cat hidden)\" export",
                                    "--agent \"$(cat hidden)\" verify",
                                    "export --output \"no/$(cat hidden)\"",
                                    "ingest \"$(cat hidden)\"",
                                    "--store \"sqlite:no/$(cat hidden)/x\" remember a b c",
                                    "--store \"$(cat hidden):\" status",
                                    "remember \"$(cat hidden)\" q v",
                                    "remember q q '{\"$(cat hidden)'"}) {
    for (const std::string json : {"", " --json"}) {
      const auto ran = shell.run("claimledger " + command + json);
      EXPECT_FALSE(shows_any(ran.out)) << command << json << ": " << ran.out;
      EXPECT_FALSE(shows_any(ran.err)) << command << json << ": " << ran.err;
    }
  }
}

TEST(HiddenText, InANameIsRemarkedOn) {
  const Shell shell;

  EXPECT_NE(
      shell.run("claimledger remember 'Ada ' city Berlin").err.find("the subject 'Ada ' begins or ends with a blank"),
      std::string::npos);
  EXPECT_NE(shell.run("claimledger remember Ada \"$(printf 'ci\\342\\200\\213ty')\" Berlin")
                .err.find("the predicate 'ci\\u{200b}ty' holds"),
            std::string::npos);
  EXPECT_EQ(shell.run("claimledger remember Ada city Berlin").err, "");
}

// On a terminal, where it is to be looked at; a file or a program gets it as it is.
TEST(HiddenText, IsNotShownByAnExportAndIsImportedAllTheSame) {
  const Shell shell;
  shell.run("claimledger remember u note \"$(printf 'A\\342\\200\\256B')\"");

  shell.run("script -qec 'claimledger export' shown >/dev/null; tr -d '\\r' <shown | grep '^{' >lines");

  EXPECT_EQ(shell.read("lines").find("\u202e"), std::string::npos);
  EXPECT_NE(shell.read("lines").find("A\\u202eB"), std::string::npos) << shell.read("lines");
  EXPECT_NE(shell.run("claimledger export").out.find("A\u202eB"), std::string::npos);
  EXPECT_EQ(shell.run("claimledger --store sqlite:to.db import lines").exit, 0);
  EXPECT_EQ(shell.run("claimledger export >one; claimledger --store sqlite:to.db export | cmp - one").exit, 0);
}

// Whatever the ledger says, in whatever shell.
TEST(Hints, OfThereBeingMoreAreTakenAsTheyStand) {
  const Shell shell;
  shell.run(
      "for s in \"$(printf 'a; touch pasted\\n$(touch pasted)')\" \"b'c\" '--d `touch pasted`'; do "
      "claimledger remember -- \"$s\" p v; done");
  std::string seen;
  for (std::string hint; seen.size() < 10'000;) {
    const auto page = shell.run("claimledger subjects --limit 1 " + hint);
    ASSERT_EQ(page.exit, 0) << page.err;
    seen += page.out;
    if (page.err.empty()) break;
    ASSERT_EQ(page.err.find("There is more: --cursor "), 0U) << page.err;
    hint = page.err.substr(page.err.find("--cursor "), page.err.find('\n') - page.err.find("--cursor "));
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 3) << seen;
  EXPECT_EQ(shell.run("ls pasted").exit, 2);
}

TEST(BareNumbers, AreTakenAsTheyAreTypedOrRefused) {
  const Shell shell;

  for (const std::string text : {"3.10", "1.0", "1e5", "-0", "0.10", "12345678901234567890.0", "1E2", "0.0"}) {
    const auto ran = shell.run("claimledger remember project version -- " + text);
    EXPECT_EQ(ran.exit, 2) << text << ran.out;
    EXPECT_NE(ran.err.find("--string"), std::string::npos) << ran.err;
    EXPECT_EQ(shell.run("claimledger remember project v" + text + " --string -- " + text).exit, 0) << text;
    EXPECT_EQ(shell.run("claimledger remember project w" + text + " --json-value -- " + text).exit, 0) << text;
  }
  for (const std::string text : {"'[3.10]'", "'{\"v\":3.10}'", "'[1,[{\"a\":\"1\",\"b\":-0}]]'", "'[1, 1.0]'"}) {
    const auto ran = shell.run("claimledger remember project list " + text);
    EXPECT_EQ(ran.exit, 2) << text << ran.out;
    EXPECT_NE(ran.err.find("--json-value"), std::string::npos) << ran.err;
    EXPECT_EQ(shell.run("claimledger correct project list " + text).exit, 2) << text;
    EXPECT_EQ(shell.run("claimledger remember project list --json-value " + text).exit, 0) << text;
  }
  for (const std::string text : {"'[3.1, true, \"3.10\", \"\\\"1.0\"]'", "'{\"1.0\":[2,10,9]}'"})
    EXPECT_EQ(shell.run("claimledger remember project kept " + text).exit, 0) << text;
  for (const std::string text : {"01", "+1", "0x1F", ".5", "1_000", "1,5", "1.", "[sic] so"}) {
    EXPECT_EQ(shell.run("claimledger remember text '" + text + "' '" + text + "'").exit, 0) << text;
    const auto belief = nlohmann::json::parse(shell.run("claimledger recall text '" + text + "' --json").out);
    EXPECT_EQ(belief["primary"]["value"], text) << belief;
  }
  for (const std::string text : {"3.1", "0", "-5", "42", "18446744073709551615", "0.5"})
    EXPECT_EQ(shell.run("claimledger remember project n" + text + " -- " + text).exit, 0) << text;
  for (const std::string text : {"'{name}'", "'{{template}}'"})
    EXPECT_NE(shell.run("claimledger remember u t " + text).err.find("--string"), std::string::npos) << text;
}

}  // namespace
}  // namespace claimledger::tests
