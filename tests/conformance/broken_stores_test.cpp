#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "controls.hpp"
#include "sqlite_places.hpp"

// The kit against stores that are known to be broken: this program starts itself once for each, with the name in
// CLAIMLEDGER_BROKEN_STORE and the one rule that has to fail.
namespace claimledger::conformance {

namespace {

std::unique_ptr<Store> open_sound(const std::string& over, const std::string& place) {
  if (over == "memory") return memory::open();
  if (over == "memory_comparing") return comparing_store(memory::open());
  return sqlite::open({.path = over == "sqlite_memory" ? ":memory:" : sqlite_path(place)});
}

Backend broken_backend(const Control& control) {
  Backend backend;
  backend.name = "broken";
  backend.open = [control](const std::string& place) -> std::unique_ptr<Store> {
    if (control.decorate) return control.decorate(open_sound(control.over, place));
    return open_sound(control.over, place);
  };
  backend.damage = [](const std::string& place, const Damage& damage) { damage_sqlite(sqlite_path(place), damage); };
  if (control.over == "sqlite_file") {
    backend.remove = remove_sqlite;
  } else {
    backend.cannot_reopen = backend.cannot_share = backend.cannot_damage = "forgets everything with its handle";
  }
  backend.cannot_hold_a_write = "a broken store is not asked that";
  return backend;
}

// The broken store of this process: none in an ordinary run.
std::vector<Backend> broken_here() {
  const char* name = std::getenv("CLAIMLEDGER_BROKEN_STORE");
  if (!name) return {};
  if (std::string(name).starts_with("sound_")) {
    Control sound;
    sound.over = std::string(name).substr(6);
    return {broken_backend(sound)};
  }
  for (const auto& control : controls()) {
    if (control.name != name) continue;
    if (!control.sql.empty()) alter_statements(control);
    return {broken_backend(control)};
  }
  return {};
}

INSTANTIATE_TEST_SUITE_P(Broken, StoreContract, testing::ValuesIn(broken_here()), BackendName{});

// The output of this program when it runs these rules on that store.
std::string run_child(const std::string& store, const std::string& filter) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto command = "CLAIMLEDGER_BROKEN_STORE=" + store + " timeout 300 '" + self +
                       "' --gtest_color=no --gtest_filter='" + filter + "' 2>&1";
  std::string printed;
  FILE* child = popen(command.c_str(), "r");
  if (!child) return {};
  for (char buffer[4096]; std::size_t read = fread(buffer, 1, sizeof buffer, child);) printed.append(buffer, read);
  pclose(child);
  return printed;
}

bool contains(const std::string& printed, const std::string& text) { return printed.find(text) != std::string::npos; }

std::string controls_page() {
  std::string page =
      "# Negative controls\n\nStores that are known to be broken, and the rule that has to catch each. `sql_…`: the "
      "SQLite "
      "adapter with one text in its statements altered; the others: one line of a decorator around a sound store. The "
      "test "
      "`BrokenStores.EachIsCaughtByItsRule` runs them all, prints this table with what became of each, and fails on a "
      "survivor.\n\n| Control | Over | What is broken | Rule |\n|---|---|---|---|\n";
  for (const auto& control : controls()) {
    page += "| " + control.name + " | " + control.over + " | " + control.breakage + " | " + control.rule + " |\n";
  }
  return page;
}

}  // namespace

TEST(BrokenStores, EachIsCaughtByItsRule) {
  std::string survivors;
  for (const auto& control : controls()) {
    const auto printed = run_child(control.name, "Broken/StoreContract." + control.rule + "_*");
    const bool applied = control.sql.empty() || contains(printed, "breakage applied");
    const bool caught = contains(printed, "[  FAILED  ] Broken/StoreContract." + control.rule + "_");
    std::printf("%-28s %s %s\n", control.name.c_str(), control.rule.c_str(),
                !applied ? "NOT APPLIED"
                : caught ? "caught"
                         : "SURVIVED");
    if (!applied || !caught) survivors += control.name + "\n" + printed;
  }
  EXPECT_EQ(survivors, "");
  EXPECT_GE(controls().size(), 20U);
}

TEST(BrokenStores, TheSameRulesPassOnTheSoundStores) {
  for (const std::string over : {"memory", "memory_comparing", "sqlite_memory", "sqlite_file"}) {
    std::string filter;
    for (const auto& control : controls()) {
      if (control.over == over) filter += (filter.empty() ? "" : ":") + ("Broken/StoreContract." + control.rule + "_*");
    }
    const auto printed = run_child("sound_" + over, filter);
    EXPECT_TRUE(contains(printed, "[  PASSED  ]") && !contains(printed, "FAILED") && !contains(printed, "SKIPPED"))
        << printed;
  }
}

TEST(BrokenStores, ThePageListsTheControls) {
  std::ifstream file(CLAIMLEDGER_SOURCE_DIR "/conformance/CONTROLS.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};

  if (page != controls_page()) std::ofstream("CONTROLS.md") << controls_page();

  EXPECT_TRUE(page == controls_page())
      << "conformance/CONTROLS.md differs; the right page was written to CONTROLS.md here";
}

}  // namespace claimledger::conformance
