#include <gtest/gtest.h>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

struct Row {
  const char* why;
  const char* command;
  const char* says;  // what the message must contain: the field, and what would be right
};

// Every row ends with exit code 2, a message on standard error, nothing on standard output and nothing in the ledger.
constexpr Row rows[] = {
    {"no command", "claimledger", "command: is required"},
    {"unknown command", "claimledger remeber a b c", "of the name remeber; did you mean remember?"},
    {"unknown option", "claimledger remember a b c --wat", "--wat"},
    {"unlike any command", "claimledger frobnicate", "of the name frobnicate; claimledger help lists them"},
    {"waiting for a file", "claimledger ingest /dev/null --wait", "--wait: is for a store on a server"},
    {"one agent of a backup", "claimledger --agent ann backup copy.db", "--agent: is of no use here: a backup has"},
    {"one agent of a restore", "claimledger restore agent.db --agent=ann", "--agent: is of no use here: restore puts"},
    {"a device restored", "claimledger restore /dev/null", "from: /dev/null is neither a file nor a folder"},
    {"value missing", "claimledger remember user city", "value"},
    {"empty subject", "claimledger remember '' city Berlin", "subject"},
    {"long subject", "claimledger remember \"$(printf '%1025s' x)\" city Berlin", "subject"},
    {"long predicate", "claimledger remember user \"$(printf '%1025s' x)\" Berlin", "predicate"},
    {"long source", "claimledger remember user city Berlin --source \"$(printf '%1025s' x)\"", "source"},
    {"not UTF-8", "claimledger remember user city \"$(printf '\\377')\"", "value"},
    {"confidence over 1", "claimledger remember user city Berlin --confidence 1.01", "--confidence"},
    {"confidence no number", "claimledger remember user city Berlin --confidence high",
     "claimledger: --confidence: must be a number from 0 to 1"},
    {"no such month", "claimledger remember user city Berlin --since 2020-13", "--since"},
    {"no such day", "claimledger remember user city Berlin --since 2019-02-29", "--since"},
    {"during an instant", "claimledger remember user city Berlin --during 2020-01-01T00:00:00Z", "--during"},
    {"during and since", "claimledger remember user city Berlin --during 2020 --since 2019", "--during"},
    {"unknown provenance", "claimledger remember user city Berlin --provenance Hearsay", "ModelDerived"},
    {"unknown cardinality", "claimledger remember user city Berlin --cardinality Many", "SetValued"},
    {"unknown criticality", "claimledger remember user city Berlin --criticality Huge", "Critical"},
    {"metadata no object", "claimledger remember user city Berlin --metadata '[1]'", "metadata"},
    {"object value with a slip", "claimledger remember user city '{\"a\":1'", "value"},
    {"object value with a key twice", "claimledger remember user city '{\"a\":1,\"a\":2}'", "value"},
    {"number beyond a double", "claimledger remember user balance -1.5E+999", "value: is a number beyond a double"},
    {"number beyond a double in a list", "claimledger remember user balance '[1, -1.5E+999]'",
     "value: is a number beyond a double"},
    {"value that looks like an option", "claimledger remember user balance -Infinity", "comes after --"},
    {"unknown option", "claimledger remember user city Berlin --sauce x", "--sauce: there is no such option"},
    {"unknown option behind a word too many", "claimledger remember a b c d --wat", "--wat: there is no such option"},
    {"help on no command", "claimledger help remeber", "there is none of the name remeber"},
    {"unknown parent",
     "claimledger remember user city Berlin --provenance ModelDerived --derived-from "
     "0190163d-8694-7c3b-b2a1-0123456789ab",
     "claimledger: --derived-from: names"},
    {"parent no id", "claimledger remember user city Berlin --derived-from x", "--derived-from"},
    {"empty agent", "claimledger remember user city Berlin --agent ''", "agent"},
    {"long agent", "claimledger remember user city Berlin --agent \"$(printf '%257s' x)\"", "agent"},
    {"unknown policy", "claimledger remember user city Berlin --overturn always", "newest_first_hand_wins"},
    {"ttl without unit", "claimledger remember user city Berlin --ttl 90", "--ttl"},
    {"ttl of nothing", "claimledger remember user city Berlin --ttl 0s",
     "--ttl: must be a whole number from 1 with ms"},
    {"log of what takes no time", "claimledger recall user city --log-slow 0ms", "--log-slow: must be a whole number"},
    {"floor over 1", "claimledger remember user city Berlin --trust-floor 2", "--trust-floor"},
    {"unknown store", "claimledger --store oracle:x remember user city Berlin", "sqlite:"},
    {"no store at all", "claimledger --store agent.db remember user city Berlin", "sqlite:"},
    {"unknown tenancy", "claimledger --tenancy walled remember user city Berlin",
     "claimledger: --tenancy: must be one of scoped, enforced"},
    {"unknown bouncer", "claimledger --bouncer maybe remember user city Berlin", "automatic"},
    {"unknown pgvector", "claimledger --pgvector maybe remember user city Berlin", "required"},
    {"pool size no number", "claimledger --pool-size many remember user city Berlin", "--pool-size"},
    {"as of no time", "claimledger recall user city --as-of yesterday", "--as-of"},
    {"as of and position", "claimledger recall user city --as-of 2026 --position 1",
     "claimledger: --as-of: excludes --position"},
    {"position no number", "claimledger recall user city --position x",
     "claimledger: --position: must be a whole number up to"},
    {"option without a value", "claimledger recall user city --position", "claimledger: --position: needs a value"},
    {"option twice", "claimledger recall user city --as-of 2020 --as-of 2021",
     "claimledger: --as-of: is given more often than once"},
    {"word too many", "claimledger recall user city now", "claimledger: now: is a word too many"},
    {"variable no number", "CLAIMLEDGER_DEPTH_CAP=x claimledger recall user city",
     "claimledger: CLAIMLEDGER_DEPTH_CAP: must be a whole number"},
    {"variable no flag", "CLAIMLEDGER_QUEUE=maybe claimledger recall user city",
     "claimledger: CLAIMLEDGER_QUEUE: must be true or false"},
    {"variable no duration", "CLAIMLEDGER_TTL=x claimledger recall user city", "claimledger: CLAIMLEDGER_TTL: must be"},
    {"option beside its variable", "CLAIMLEDGER_TTL=1d claimledger recall user city --ttl x",
     "claimledger: --ttl: must"},
    {"long key", "claimledger remember user city Berlin --key \"$(printf '%1025s' x)\"",
     "claimledger: --key: has 1025"},
    {"aging before decay", "claimledger remember user city Berlin --decayed-after 1d",
     "claimledger: --decayed-after: "},
    {"line without a verb's word", "claimledger end user city", "claimledger: at: is missing after a subject"},
    {"line without a value", "claimledger correct user city", "claimledger: value: is missing after a subject"},
    {"valid at no time", "claimledger recall user city --valid-at 26", "--valid-at"},
    {"claim no id", "claimledger claim 17", "claim"},
    {"end without time", "claimledger end 0190163d-8694-7c3b-b2a1-0123456789ab", "at"},
    {"retract nothing", "claimledger retract", "--source"},
    {"retract by source unseen", "claimledger retract --source feed", "--dry-run"},
    {"unknown verdict", "claimledger adjudicate 0190163d-8694-7c3b-b2a1-0123456789ab maybe --evidence x", "Affirm"},
    {"verdict without evidence", "claimledger adjudicate 0190163d-8694-7c3b-b2a1-0123456789ab affirm", "--evidence"},
    {"unknown review", "claimledger review 0190163d-8694-7c3b-b2a1-0123456789ab drop", "keep"},
    {"unknown kind", "claimledger audit --kind Murmur",
     "claimledger: --kind: must be one of ClaimRecorded, Corroborated"},
    {"unknown disposition", "claimledger audit --disposition Fine", "CommittedCheap"},
    {"foreign cursor", "claimledger audit --cursor nonsense", "cursor"},
    {"page of nothing", "claimledger audit --limit 0", "limit: must be at least 1"},
    {"page of no agents", "claimledger agents --limit 0", "limit: must be at least 1"},
    {"file missing", "claimledger ingest nowhere.jsonl", "nowhere.jsonl"},
    {"file a folder", "claimledger ingest .", "directory"},
    {"batch of none", "claimledger ingest - --batch-size 0", "--batch-size"},
    {"batch too big", "claimledger ingest - --batch-size 100001", "--batch-size"},
    {"unknown clock", "claimledger ingest - --clock sundial", "recorded_at"},
    {"tenant without agent", "claimledger init --tenant ada_app", "ROLE=AGENT"},
    {"tenant of no agent", "claimledger init --tenant ada_app=", "agent"},
    {"too many partitions", "claimledger init --partitions 5000", "--partitions"},
    {"roles of a file", "claimledger init --roles", "Postgres"},
    {"copy from nowhere", "claimledger copy --to sqlite:copy.db", "--from"},
    {"copy to nothing", "claimledger copy --from sqlite:agent.db --to copy.db", "sqlite:"},
    {"tail from two places", "claimledger tail --from 1 --from-start", "--from"},
    {"tail from no position", "claimledger tail --from yesterday", "--from"},
    {"tail from another agent", "claimledger tail --from ada=1", "--all"},
    // Each would take the next word.
    {"nothing behind the sign", "claimledger remember user --source= city Berlin x", "--source: needs a value behind"},
    {"nothing behind the sign, before an option", "claimledger remember user city Berlin --key= --string",
     "--key: needs a value behind the ="},
    {"nothing behind the sign of every command", "claimledger --store= remember user city Berlin", "--store: needs"},
    {"nothing behind the sign of one that is required", "claimledger adjudicate x --evidence= affirm",
     "--evidence: needs"},
    {"nothing behind the sign of a number", "claimledger audit --limit= 3", "--limit: needs a value behind the ="},
    {"nothing behind the sign of a flag",
     "claimledger remember user city Berlin --string=", "--string: must be true or false"},
    {"nothing behind the sign of no option",
     "claimledger remember user city Berlin --wat=", "--wat=: there is no such"},
    {"empty option of remember", "claimledger remember user city Berlin --key ''", "--key: must not be empty"},
    {"empty option between others", "claimledger remember user city Berlin --since '' --source me",
     "--since: must not"},
    {"empty metadata", "claimledger remember user city Berlin --metadata ''", "--metadata: must not be empty"},
    {"empty parent", "claimledger remember user city Berlin --derived-from ''", "--derived-from: must not be empty"},
    {"empty confidence of dates", "claimledger remember user city Berlin --valid-time-confidence ''",
     "--valid-time-confidence: must not be empty"},
    {"empty actor", "claimledger --actor '' remember user city Berlin", "--actor: must not be empty"},
    {"empty policy", "claimledger remember user city Berlin --ttl ''", "--ttl: must not be empty"},
    {"empty context", "claimledger recall user name --serve-to ''", "--serve-to: must not be empty"},
    {"empty as of", "claimledger recall user name --as-of ''", "--as-of: must not be empty"},
    {"empty asked at", "claimledger recall user name --asked-at ''", "--asked-at: must not be empty"},
    {"empty valid at", "claimledger recall user name --valid-at ''", "--valid-at: must not be empty"},
    {"empty position", "claimledger recall user name --position ''", "--position: must not be empty"},
    {"empty time to reopen from", "claimledger reopen 0190163d-8694-7c3b-b2a1-0123456789ab ''",
     "at: must not be empty"},
    {"empty reason", "claimledger retract 0190163d-8694-7c3b-b2a1-0123456789ab --why ''", "--why: must not be empty"},
    {"empty source to retract", "claimledger retract --source '' --dry-run", "--source: must not be empty"},
    {"empty subject to reconcile", "claimledger reconcile '' city", "subject: must not be empty"},
    {"empty subject to list", "claimledger predicates ''", "subject: must not be empty"},
    {"empty context served", "claimledger served ''", "context: must not be empty"},
    {"empty end of an audit", "claimledger audit --until ''", "--until: must not be empty"},
    {"empty cursor", "claimledger audit --cursor ''", "--cursor: must not be empty"},
    {"empty source of lines", "claimledger ingest - --source ''", "--source: must not be empty"},
    {"empty store to copy from", "claimledger copy --from '' --to sqlite:copy.db", "--from: must not be empty"},
    {"empty store", "claimledger --store '' export", "--store: must not be empty"},
    {"empty position to expect", "claimledger remember user city Berlin --expected-position ''", "--expected-position"},
    {"expecting less than nothing", "claimledger remember user city Berlin --expected-position -1",
     "--expected-position: must be a whole number"},
    {"expecting too much", "claimledger remember user city Berlin --expected-position 18446744073709551616",
     "--expected-position: must be a whole number"},
    {"expecting in octal", "claimledger remember user city Berlin --expected-position 01", "--expected-position"},
    {"position before the first", "claimledger recall user name --position -1", "--position: must be a whole number"},
    {"page of less than nothing", "claimledger audit --limit -1", "--limit: must be a whole number"},
    {"batches of less than nothing", "claimledger tail --no-follow --limit -1", "--limit: must be a whole number"},
    {"lines of less than nothing", "claimledger ingest - --batch-size -1", "--batch-size: must be a whole number"},
    {"export after less than nothing", "claimledger export --after -1", "--after: must be a whole number"},
    {"partitions of less than nothing", "claimledger init --partitions -1", "--partitions: must be a whole number"},
    {"pool of less than nothing", "claimledger --pool-size -1 export", "--pool-size: must be a whole number"},
    {"derivations of less than nothing", "claimledger --depth-cap -1 export", "--depth-cap"},
    {"unknown shell", "claimledger completion tcsh", "bash"},
};

TEST(BadInput, IsRefusedWithItsFieldAndNothingIsWritten) {
  const Shell shell;
  shell.run("claimledger remember user name Ada");
  const auto before = shell.run("claimledger export").out;
  ASSERT_FALSE(before.empty());

  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto ran = shell.run(row.command);
    EXPECT_EQ(ran.exit, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(row.says), std::string::npos) << ran.err;
  }

  EXPECT_EQ(shell.run("claimledger export").out, before);
}

TEST(BadInput, IsAPositionThatTheLedgerHasNotReached) {
  const Shell shell;
  const std::string id = "0190163d-8694-7c3b-b2a1-0123456789ab";
  shell.run("claimledger remember user city Berlin; claimledger remember user name Ada");

  for (const auto& command : {std::string("recall user city"), std::string("recall user city --serve-to chat"),
                              std::string("history user city"), std::string("subject user"), std::string("contested"),
                              std::string("pending"), "claim " + id, "lineage " + id, std::string("served chat"),
                              std::string("audit"), std::string("subjects"), std::string("predicates")}) {
    for (const auto* position : {"3", "18446744073709551615"}) {
      const auto ran = shell.run("claimledger " + command + " --position " + position);
      EXPECT_EQ(ran.exit, 2) << command;
      EXPECT_EQ(ran.out, "") << command;
      EXPECT_NE(ran.err.find("--position: is beyond the ledger of 'default', which ends at 2"), std::string::npos)
          << ran.err;
    }
  }
  EXPECT_EQ(shell.run("claimledger recall user city --position 2").exit, 0);
  EXPECT_EQ(shell.run("claimledger recall user city --position 0").exit, 1);
}

TEST(BadInput, WithJsonIsOneDocumentOnStandardError) {
  const Shell shell;

  const auto ran = shell.run("claimledger remember user city Berlin --since 2020-13 --json");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err.find("{\"error\":{\"kind\":\"invalid_input\",\"field\":\"--since\","), 0U) << ran.err;
}

TEST(BadInput, IsNeitherAnEmptyValueNorAnEmptyVariable) {
  const Shell shell;

  const auto ran = shell.run("CLAIMLEDGER_STORE= CLAIMLEDGER_ACTOR= claimledger remember user note ''");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(shell.folder() / ".local/share/claimledger/agent.db"));
}

TEST(BadInput, NeverPrintsWhatMayBeAPassword) {
  const Shell shell;

  for (const auto* store :
       {"postgres://ada:s3cret@db.invalid/x", "postgres:host=db.invalid password=s3cret",
        "postgres:password=s3cret =", "postgres://ada:s3cret@s3cret@db.invalid:s3cret/x", "mysql://ada:s3cret@db/x"}) {
    for (const auto* command : {"recall user city", "remember user city Berlin", "status", "migrate", "backup copy"}) {
      const auto ran = shell.run(std::string("claimledger --store '") + store + "' " + command);
      EXPECT_GE(ran.exit, 2) << store;
      EXPECT_EQ((ran.out + ran.err).find("s3cret"), std::string::npos) << ran.err;
    }
  }
}

struct BadLine {
  const char* why;
  const char* line;
  const char* says;
};

constexpr BadLine bad_lines[] = {
    {"no JSON", "oops", "line 3: line: is not JSON at byte 1: "},
    {"JSON that ends early", "{\"subject\":", "line 3: subject: is not JSON at byte 12: unexpected end of input"},
    {"control character", "{\"subject\":\"s\",\"predicate\":\"p\",\"value\":\"a\tb\"}",
     "value: is not JSON at byte 42: invalid string: control character"},
    {"bytes that are no UTF-8", "{\"subject\":\"s\",\"predicate\":\"p\",\"value\":\"\xff\"}",
     "value: is not JSON at byte 41: invalid string: ill-formed UTF-8 byte"},
    {"broken between fields", "{\"subject\":\"s\",,}", "line: is not JSON at byte 16: "},
    {"a byte order mark", "\xEF\xBB\xBF{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}", "byte order mark"},
    {"empty key", R"({"subject":"s","predicate":"p","value":1,"":1})",
     "line 3: \"\": is not a field of a claim; it has"},
    {"null criticality", R"({"subject":"s","predicate":"p","value":1,"criticality":null})",
     "criticality: must be one of Low, Medium"},
    {"null provenance", R"({"subject":"s","predicate":"p","value":1,"provenance":null})",
     "provenance: must be one of External/UserAsserted"},
    {"no object", "[1]", "line: must be a JSON object"},
    {"key twice", R"({"subject":"s","subject":"s","predicate":"p","value":1})", "subject: is given twice"},
    {"key twice in the value", R"({"subject":"s","predicate":"p","value":{"a":1,"a":1}})", ": value.a: is given twice"},
    {"key twice in the metadata", R"({"subject":"s","predicate":"p","value":1,"metadata":{"a":1,"a":1}})",
     ": metadata.a: is given twice"},
    {"key twice deep in a list",
     R"({"subject":"s","predicate":"p","value":{"list":[[1],{"b":{"a":{}}},{"a":1,"b":{},"a":1}]}})",
     ": value.list[2].a: is given twice"},
    {"unknown key", R"({"subject":"s","predicate":"p","value":1,"colour":"red"})",
     "colour: is not a field of a claim; it has subject, predicate, value, valid_from,"},
    {"unknown key that is null", R"({"subject":"s","predicate":"p","value":1,"colour":null})",
     "colour: is not a field"},
    {"no subject", R"({"predicate":"p","value":1})", "subject: is required"},
    {"no predicate", R"({"subject":"s","value":1})", "predicate: is required"},
    {"no value", R"({"subject":"s","predicate":"p"})", "value: is required"},
    {"subject a number", R"({"subject":1,"predicate":"p","value":1})", "subject: must be a string"},
    {"subject null", R"({"subject":null,"predicate":"p","value":1})", "subject: must be a string"},
    {"empty subject", R"({"subject":"","predicate":"p","value":1})", "subject"},
    {"NUL", R"({"subject":"a\u0000b","predicate":"p","value":1})", "subject"},
    {"lone surrogate", R"({"subject":"\ud800","predicate":"p","value":1})", "subject: is not JSON"},
    {"date", R"({"subject":"s","predicate":"p","value":1,"valid_from":"2020-02-30"})", "valid_from"},
    {"nanoseconds", R"({"subject":"s","predicate":"p","value":1,"valid_from":"2020-01-01T00:00:00.0000001Z"})",
     "valid_from"},
    {"during and until", R"({"subject":"s","predicate":"p","value":1,"valid_during":"2020","valid_until":"2021"})",
     "valid_during: excludes"},
    {"confidence text", R"({"subject":"s","predicate":"p","value":1,"confidence":"0.5"})",
     "confidence: must be a number"},
    {"confidence beyond", R"({"subject":"s","predicate":"p","value":1,"value_confidence":-0.1})", "value_confidence"},
    {"both confidences", R"({"subject":"s","predicate":"p","value":1,"confidence":1,"value_confidence":1})",
     "confidence: excludes value_confidence"},
    {"provenance", R"({"subject":"s","predicate":"p","value":1,"provenance":"Hearsay"})", "provenance: must be one of"},
    {"provenance without kind", R"({"subject":"s","predicate":"p","value":1,"provenance":{"type":"External"}})",
     "provenance.kind: is required"},
    {"provenance with more",
     R"({"subject":"s","predicate":"p","value":1,"provenance":{"type":"ModelDerived","by":"me"}})",
     "provenance.by: is not known"},
    {"metadata a list", R"({"subject":"s","predicate":"p","value":1,"metadata":[]})",
     "metadata: must be a JSON object"},
    {"parents no list", R"({"subject":"s","predicate":"p","value":1,"derived_from":"x"})",
     "derived_from: must be a list"},
    {"parent no id", R"({"subject":"s","predicate":"p","value":1,"derived_from":["x"]})", "derived_from[0]"},
    {"time of its own", R"({"subject":"s","predicate":"p","value":1,"recorded_at":"2020-01-01"})",
     "--clock recorded_at"},
    {"number beyond a double", R"({"subject":"s","predicate":"p","value":1e400})",
     "value: is a number beyond a double; write it as a string: \"1e400\""},
};

// Whatever is quoted of the input is cut, in whole characters.
TEST(BadInput, OfAnyLengthIsNamedInAFewWords) {
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "ä";
    return text;
  }();
  const std::string begin = R"({"subject":"s","predicate":"p","value":)";
  const std::string lines[] = {
      begin + std::string(1'000'000, '9') + "}",
      begin + "1e" + std::string(1'000'000, '9') + "}",
      begin + "\"" + umlauts + "\xff\"}",
      begin + "1,\"" + umlauts + "\":1}",
      begin + "{\"" + umlauts + "\":1,\"" + umlauts + "\":1}}",
      begin + "1,\"" + umlauts + "\":1,\"" + umlauts + "\":1}",
      begin + "1,\"metadata\":{\"" + umlauts + "\":1e999}}",
      begin + "1,\"provenance\":{\"" + umlauts + "\":1}}",
      umlauts,
  };
  const Shell shell;
  for (const auto& line : lines) {
    shell.write("in.jsonl", line + "\n");
    const auto ran = shell.run("rm -f out; claimledger ingest in.jsonl; claimledger --json ingest in.jsonl");
    EXPECT_EQ(ran.exit, 2) << ran.err.substr(0, 1'000);
    EXPECT_LT(ran.err.size(), 2'000U) << ran.err.substr(0, 1'000);
    EXPECT_EQ(ran.err.find("\xEF\xBF\xBD"), std::string::npos) << ran.err << "half a character";
    shell.run("rm -f bad.jsonl; claimledger ingest in.jsonl --on-error skip --rejects bad.jsonl");
    EXPECT_LT(shell.read("bad.jsonl").find("\"text\""), 1'000U);
  }
  const auto name = shell.run("claimledger schema " + umlauts.substr(0, 100'000));
  EXPECT_EQ(name.exit, 2);
  EXPECT_LT(name.err.size(), 1'000U) << name.err;
}

TEST(BadInput, IsAByteOrderMarkInFrontOfAValue) {
  const Shell shell;
  for (const auto* words :
       {"--json-value \"$(printf '\\357\\273\\2771')\"", "1 --metadata \"$(printf '\\357\\273\\277{}')\""}) {
    const auto ran = shell.run(std::string("claimledger remember v bom ") + words);
    EXPECT_EQ(ran.exit, 2) << words;
    EXPECT_NE(ran.err.find("byte order mark"), std::string::npos) << ran.err;
  }
  shell.run("claimledger remember v p 1; claimledger remember v p 2; claimledger export >out.jsonl");
  const auto lines = shell.read("out.jsonl");
  const auto second = lines.find('\n') + 1;
  shell.write("marked.jsonl", lines.substr(0, second) + "\xEF\xBB\xBF" + lines.substr(second));
  const auto ran = shell.run("claimledger --store sqlite:other.db import marked.jsonl");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_EQ(ran.err.find("claimledger: line 2: line: malformed JSON: begins with a byte order mark"), 0U) << ran.err;
}

TEST(BadInput, InALineStopsTheIngestWithItsNumberAndField) {
  for (const auto& bad : bad_lines) {
    SCOPED_TRACE(bad.why);
    const Shell shell;
    shell.write("in.jsonl", std::string(R"({"subject":"s","predicate":"p","value":0})") + "\n\n" + bad.line + "\n");

    const auto ran = shell.run("claimledger ingest in.jsonl --batch-size 1");

    EXPECT_EQ(ran.exit, 2) << ran.err;
    EXPECT_NE(ran.err.find("line 3: "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(bad.says), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace claimledger::tests
