#include <algorithm>
#include <set>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "domain/utf8.hpp"
#include "rules/rules.hpp"

// Checks of input. Every adapter can store accepted input without loss.
namespace claimledger::rules {

namespace {

void admit_end(const std::optional<ValidEnd>& end, const std::string& field) {
  if (end) admit_time(end->at.value, field);
}

// A positive duration, short enough to be added to any time in the next millennia.
void admit_ttl(std::chrono::microseconds ttl, const std::string& field) {
  if (ttl <= std::chrono::microseconds{0}) throw InvalidInput(field, "must be longer than nothing");
  if (ttl > limits::adjudication_ttl) throw InvalidInput(field, "must not be longer than a thousand years");
}

void admit_length(std::chrono::microseconds length, const char* field) {
  if (length < std::chrono::microseconds{0}) throw InvalidInput(field, "must not be negative");
  if (length > std::chrono::years{1000}) throw InvalidInput(field, "must not be longer than a thousand years");
}

}  // namespace

void admit_confidence(Confidence confidence, const std::string& field) {
  if (confidence.basis_points < 0 || confidence.basis_points > 10'000) throw InvalidInput(field, "must lie in 0..1");
}

void admit_text(std::string_view text, std::string_view field, std::size_t most) {
  const std::string name(field);
  if (text.empty()) throw InvalidInput(name, "must not be empty");
  if (text.size() > most) {
    throw InvalidInput(
        name, "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most) + " are allowed");
  }
  if (const auto problem = text_problem(text); !problem.empty()) throw InvalidInput(name, std::string(problem));
}

void admit_time(Instant time, std::string_view field) {
  if (time < earliest_instant || time > latest_instant) {
    throw InvalidInput(std::string(field), "must lie in the years 0001 to 9999");
  }
}

void admit_agent(const AgentId& agent, std::string_view field) { admit_text(agent.value, field, limits::agent_bytes); }

void admit_line(const LineKey& line) {
  admit_text(line.subject, "subject", limits::text_bytes);
  admit_text(line.predicate, "predicate", limits::text_bytes);
}

void admit_caller(const Caller& caller) {
  if (!caller.actor.empty()) admit_text(caller.actor, "actor", limits::text_bytes);
}

void admit_config(const Config& config) {
  admit_agent(config.agent);
  admit_confidence(config.trust_floor, "trust_floor");
  admit_confidence(config.confidence_floor, "confidence_floor");
  if (config.adjudication_ttl) admit_ttl(*config.adjudication_ttl, "adjudication_ttl");
  admit_length(config.clock_tolerance, "clock_tolerance");
  admit_length(config.served_window, "served_window");
  admit_length(config.recall_burst_window, "recall_burst_window");
  admit_length(config.aging_after, "aging_after");
  admit_length(config.decayed_after, "decayed_after");
  if (config.decayed_after < config.aging_after)
    throw InvalidInput("decayed_after", "must not be shorter than aging_after");
}

void admit(const Statement& statement, const std::string& path) {
  const auto field = [&](const char* name) { return path + name; };
  admit_text(statement.subject, field("subject"), limits::text_bytes);
  admit_text(statement.predicate, field("predicate"), limits::text_bytes);
  if (statement.value.text().size() > limits::value_bytes) {
    throw InvalidInput(field("value"), "is larger than " + std::to_string(limits::value_bytes) + " bytes of JSON");
  }
  if (statement.source) admit_text(*statement.source, field("source"), limits::text_bytes);
  if (statement.idempotency_key) admit_text(*statement.idempotency_key, field("idempotency_key"), limits::text_bytes);
  if (statement.metadata) {
    if (!statement.metadata->is_object()) throw InvalidInput(field("metadata"), "must be a JSON object");
    if (statement.metadata->text().size() > limits::metadata_bytes) {
      throw InvalidInput(field("metadata"),
                         "is larger than " + std::to_string(limits::metadata_bytes) + " bytes of JSON");
    }
  }
  admit_end(statement.window.from, field("valid_from"));
  admit_end(statement.window.until, field("valid_until"));
  admit_confidence(statement.value_confidence, field("value_confidence"));
  if (statement.valid_time_confidence) {
    admit_confidence(*statement.valid_time_confidence, field("valid_time_confidence"));
  }
  if (statement.derived_from.size() > limits::derived_from) {
    throw InvalidInput(field("derived_from"), "names " + std::to_string(statement.derived_from.size()) +
                                                  " claims; at most " + std::to_string(limits::derived_from) +
                                                  " are allowed");
  }
  const std::set<ClaimId> distinct(statement.derived_from.begin(), statement.derived_from.end());
  if (distinct.size() != statement.derived_from.size()) {
    throw InvalidInput(field("derived_from"), "names a claim twice");
  }
  if (statement.adjudication_ttl) admit_ttl(*statement.adjudication_ttl, field("adjudication_ttl"));
}

}  // namespace claimledger::rules
