#pragma once

#include <string>
#include <utility>
#include <vector>

#include "wiring/reports.hpp"
#include "wiring/shapes/answers.hpp"

// The shapes of what the tools answer beyond what an engine does.
namespace claimledger::wiring {

template <A<RememberAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RememberAnswer", "What became of one claim that was said");
  visit("status", it.status, "Whether it was written");
  describe(it.receipt, visit);
  visit("marked_for_review", it.marked_for_review, "Claims derived from what lost validity");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
}

template <A<ShortAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ShortAnswer", "The answer to one question of many");
  visit("status", it.status, "Whether there is an answer, and of what kind");
  visit("value", it.value, "The answer; null without one");
  visit("alternatives", it.alternatives, "The values of every side, or of every member of a set");
  visit("position", it.position, "The entry up to which the ledger was read");
}

template <A<AnswerReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("AnswerReport", "How the questions of a file came out; on standard error, behind the last answer");
  visit("questions", it.questions, "Questions that were answered");
  visit("right", it.right, "Answers that are one, and exactly the expected one");
  visit("wrong", it.wrong, "Answers that are not");
}

inline std::vector<std::pair<std::string, std::uint64_t>> by_word(const std::map<Disposition, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> named;
  named.reserve(counts.size());
  for (const auto& [disposition, count] : counts) named.emplace_back(text(disposition), count);
  return named;
}

template <A<IngestReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("IngestReport", "The outcome of an ingest");
  visit("lines", it.lines, "Lines that were read, without blank ones");
  visit("batches", it.batches, "Batches that were written");
  visit("claims", it.claims, "Lines that the ledger took");
  visit("replayed", it.replayed, "Lines whose key had been used for the same before: nothing was written for them");
  visit("rejected", it.rejected, "Lines that it did not");
  visit.derived("dispositions", by_word(it.dispositions), "How many receipts had which disposition");
  visit("position", it.position, "The end of the last batch");
  visit("clock_behind_by", it.clock_behind_by, clock_behind);
}

template <A<Acknowledgement> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Acknowledgement", "A batch of an ingest that is durable");
  visit("batch", it.batch, "Its number; the first is 1");
  visit("line", it.line, "Its last line");
  visit("position", it.position, "Its last entry");
}

template <A<RejectedLine> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RejectedLine", "A line that an ingest skipped");
  visit("line", it.line, "Its number");
  visit("field", it.field, "The field that is wrong");
  visit("why", it.why, "What is wrong with it");
  visit("text", it.text, "The line; bytes that are not UTF-8 are replaced");
}

template <A<ExportReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ExportReport", "The outcome of an export to a file");
  visit("file", it.file, "Where the batches are");
  visit("ledgers", it.ledgers, "Ledgers that they are of");
  visit("batches", it.batches, "How many there are");
}

template <A<ImportReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ImportReport", "The outcome of an import");
  visit("imported", it.imported, "Batches that were written");
  visit("skipped", it.skipped, "Batches that were there already");
}

template <A<LedgerVerification> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("LedgerVerification", "The outcome of verify on the ledger of one agent");
  visit("agent", it.agent, "Whose ledger");
  describe(it.verification, visit);
}

template <A<VerificationReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("VerificationReport", "The outcome of verify on all ledgers of a store");
  visit("ok", it.ok, "There are ledgers, and all are whole");
  visit("ledgers", it.ledgers, "One for each agent");
}

template <A<ReindexedLedger> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReindexedLedger", "A ledger whose words were filed, for searches");
  visit("agent", it.answer.agent, "Whose ledger");
  visit.derived("recipe", it.problem.empty() ? std::optional(it.answer.recipe) : std::nullopt,
                "How texts became words; null: nothing was filed");
  visit("up_to", it.answer.up_to, "The words of all entries up to here are filed");
  visit("statements", it.answer.statements, "How many statements were filed now");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Why they were not filed; null: they were");
}

template <A<ReindexReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ReindexReport", "The outcome of reindex");
  visit("ok", it.ok, "There are ledgers, and the words of all are filed");
  visit("ledgers", it.ledgers, "One for each agent");
}

template <A<EmbeddedLedger> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("EmbeddedLedger", "A ledger whose vectors were filed, for searches by meaning");
  visit("agent", it.answer.agent, "Whose ledger");
  visit("model", it.answer.model, "What made the vectors");
  visit("up_to", it.answer.up_to, "All statements up to here have a vector");
  visit("statements", it.answer.statements, "How many were filed now");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Why they were not filed; null: they were");
}

template <A<EmbedReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("EmbedReport", "The outcome of embed");
  visit("ok", it.ok, "There are ledgers, and the vectors of all are filed");
  visit("ledgers", it.ledgers, "One for each agent");
}

template <A<QuestionVector> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("QuestionVector", "Where a question points");
  visit("model", it.model, "What made the vector");
  visit("vector", it.vector, "Its numbers; of length 1");
}

template <A<DropVectorsAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("DropVectorsAnswer", "Vectors that were taken away");
  visit("agent", it.agent, "Whose ledger");
  visit("model", it.model, "What had made them");
  visit("vectors", it.vectors, "How many there were");
}

template <A<ExportedVectors> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ExportedVectors", "What an export of vectors is of; it has a file of this");
  visit("agent", it.agent, "Whose ledger");
  visit("model", it.model, "What made the vectors");
  visit("position", it.position, "The entry up to which the ledger was read: recall --position answers as of it");
  visit("head_hash", it.head_hash, "The hash of that entry");
  visit("up_to", it.up_to, "All statements up to here have a vector, so where it is not less than position all have");
  visit("vectors", it.vectors, "How many there are");
}

template <A<VectorsReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("VectorsReport", "The outcome of an export of vectors");
  visit("folder", it.folder, "Where it is");
  describe(it.exported, visit);
}

// Of a line of such an export.
template <A<StatementVector> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  const auto& [seq, recorded_at, entry, state, content] = it.statement;
  visit.answer("ExportedStatement", "A statement whose vector was exported");
  visit("statement", seq, "Its entry");
  visit("recorded_at", recorded_at, "When it was recorded");
  visit.derived("kind", std::string(kind_text(entry)), "ClaimRecorded began a claim, Corroborated said one again",
                Bounds{.words = entry_kinds()});
  visit.derived("claim_id", claim_of(entry), "The claim that it began or said again");
  visit("subject", content.subject, "What it is about");
  visit("predicate", content.predicate, "What is said of it");
  visit("value", content.value, "What it says");
  visit("source", content.source, "Who exactly says so");
  visit("text", it.text, "All of it that the model was given");
}

template <A<StatusReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("StatusReport", "The store, its settings in force, and where the ledger ends");
  describe(it.status, visit);
  visit("problems", it.problems, "Of a folder: each file that cannot be read, and why");
}

template <A<Finding> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  using Verdict = Finding::Verdict;
  visit.answer("Finding", "What doctor found of one thing");
  visit("about", it.about, "What was looked at");
  visit.derived("verdict",
                std::string(it.verdict == Verdict::fine   ? "fine"
                            : it.verdict == Verdict::slow ? "slow"
                                                          : "wrong"),
                "fine; slow: nothing is answered wrong by it, but late, or less is found; or wrong");
  visit("what", it.what, "For people, with what helps");
}

template <A<LedgerFindings> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("LedgerFindings", "What doctor found of the ledger of one agent");
  visit("agent", it.agent, "Whose ledger");
  visit("findings", it.findings, "One for each thing that was looked at");
}

template <A<DoctorReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("DoctorReport", "The outcome of doctor");
  visit("ok", it.ok, "There are ledgers, and nothing is wrong");
  visit("store", it.store, "Of the store itself");
  visit("ledgers", it.ledgers, "One for each agent");
}

template <A<CopiedLedger> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  const auto if_done = [&](const auto& proof) {
    return it.problem.empty() && it.done() ? std::optional(proof) : std::nullopt;
  };
  visit.answer("CopiedLedger", "A ledger that was carried to another store, and the proof that it arrived");
  visit("agent", it.agent, "Whose ledger");
  visit.derived("status", it.problem.empty() ? std::optional(it.copy.status) : std::nullopt,
                "How the copy came out; null: there was none");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Why it was not copied; null: it was, as status says");
  visit("batches", it.copy.batches, "Batches that were copied now");
  visit("entries", it.copy.entries, "Entries that were copied now");
  visit("position", it.copy.head.position, "Where the target ends");
  visit("head_hash", it.copy.head.hash, "The hash of its last entry");
  visit.derived("same", if_done(it.same), "Both verify, and have the same hash; null: the copy is not done");
  visit.derived("source", if_done(it.source), "The source as verify finds it");
  visit.derived("target", if_done(it.target), "The target as verify finds it");
  visit("reason", it.copy.reason, "For people, where it is not done");
}

template <A<CopyReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("CopyReport", "The outcome of a copy");
  visit("ok", it.ok, "Every ledger arrived");
  visit("ledgers", it.ledgers, "One for each agent");
  visit("reason", it.reason, "For people, where nothing was copied");
}

template <A<BackupReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("BackupReport", "The outcome of a backup");
  visit("files", it.files, "The files that it made");
  visit("problems", it.problems, "Each database that was not copied, and each copy that is not whole, and why");
}

template <A<SchemaReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("DatabaseMigrations", "The migrations of one database");
  visit("database", it.database, "The database");
  visit("applied", it.applied, "Those it had");
  visit("pending", it.pending, "Those it was given, or lacks after a dry run");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Of one in a folder: what is wrong with it, or why it could not be looked at or changed");
}

template <A<MigrationReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("MigrationReport", "The outcome of migrate");
  visit("dry_run", it.dry_run, "Nothing was changed");
  visit("databases", it.databases, "One for each database of the store");
}

// A database as init found and left it.
struct InitialisedDatabase {
  std::string database;
  std::vector<std::string> had, was_given;
  std::string problem;
};
template <A<InitialisedDatabase> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("InitialisedDatabase", "A database as init found and left it");
  visit("database", it.database, "The database");
  visit("had", it.had, "Migrations it had");
  visit("was_given", it.was_given, "Migrations it was given");
  visit.derived("problem", it.problem.empty() ? std::nullopt : std::optional(it.problem),
                "Of one in a folder: what is wrong with it, or why it could not be looked at or changed");
}
inline std::vector<InitialisedDatabase> initialised(const std::vector<SchemaReport>& reports) {
  std::vector<InitialisedDatabase> out;
  out.reserve(reports.size());
  for (const auto& report : reports) out.push_back({report.database, report.applied, report.pending, report.problem});
  return out;
}

template <A<RestoredDatabase> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RestoredDatabase", "A database that was put in the place of another, or was to be");
  visit("from", it.from, "What it is a copy of");
  visit("to", it.to, "Where it is now");
  visit("fault", it.fault, "Why it was not put there; empty: it was");
  visit("set_aside", it.set_aside, "The files that were there before, under their new names");
  visit("access", it.access, "Whom it belongs to, where that is not as it was or had to be guessed; else empty");
}

template <A<RestoreReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("RestoreReport", "The outcome of a restore");
  visit("ok", it.ok, "Every database is in place");
  visit("databases", it.databases, "One for each");
}

template <A<Tenant> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Tenant", "A login role and the ledger it may use");
  visit("role", it.role, "The role");
  visit("agent", it.agent, "Whose ledger");
}

template <A<InitReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("InitReport", "The outcome of init");
  visit.derived("databases", initialised(it.done.databases), "One for each database of the store");
  visit("roles", it.done.roles, "Owner, writer and reader; empty unless asked for");
  visit.derived("tenancy", it.tenancy.empty() ? std::nullopt : std::optional(it.tenancy), "scoped or enforced");
  visit("tenants", it.tenants, "Login roles that were given a ledger");
}

template <A<Failure> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Failure", "Why nothing was answered");
  visit("kind", it.kind, "What the caller can do about it", Bounds{.words = failure_kinds()});
  visit.if_given("line", it.line, "Of a file of lines: the number of the line, from 1");
  visit.if_given(
      "field", it.field,
      "Of invalid input: what is wrong: a field of the line, else an option, by its own name, an argument, or "
      "a variable of the environment");
  visit.if_given("operation", it.operation, "Of a store: what it was asked to do");
  visit("why", it.why, "What is wrong, for people");
  visit.if_given("last_line", it.last_line,
                 "Of an ingest that stopped: lines up to this one are in the ledger, or were rejected, and none after "
                 "it; where the failure is in_doubt, perhaps the batch after it");
}

template <A<Remark> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Remark", "Something to know beside an answer, on standard error");
  visit("note", it.note, "What, for people");
  visit.if_given("level", it.level, "Of a line of the log: debug, info, warning, error");
}

template <A<FailureReport> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("FailureReport", "What is written to standard error in place of an answer");
  visit("error", it.error, "The failure");
}

}  // namespace claimledger::wiring
