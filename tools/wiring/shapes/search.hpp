#pragma once

#include "claimledger/limits.hpp"
#include "claimledger/search.hpp"
#include "wiring/shapes/answers.hpp"
#include "wiring/shapes/requests.hpp"

// The shapes of what is searched for, and found.
namespace claimledger::wiring {

inline constexpr Bounds question_bounds{.longest = limits::value_bytes};
inline constexpr Bounds half_life_bounds{.longest = std::chrono::microseconds::max().count(), .shortest = 1};

template <A<SearchRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("SearchRequest", "this request", "Find what is believed, by words and by meaning");
  visit.required("agent", it.agent, "Whose ledger", agent_bounds);
  visit.required("text", it.text,
                 "What to look for: any of these words, \"a phrase\", beginning*, field:word, -not, AND, OR",
                 question_bounds);
  visit("subject", it.filter.subject, "Only of this subject", text_bounds);
  visit("predicate", it.filter.predicate, "Only of this predicate", text_bounds);
  visit("subject_prefix", it.filter.subject_prefix, "Only of subjects that begin so", text_bounds);
  visit("predicate_prefix", it.filter.predicate_prefix, "Only of predicates that begin so", text_bounds);
  visit("statuses", it.filter.statuses, "Only lines whose belief is one of these");
  describe_valid_during(it.filter.valid_during, visit, "Claims that hold at some time in this year, month or day");
  visit("provenances", it.filter.provenances, "Only claims of one of these; of several statements the first tells");
  visit("source", it.filter.source, "Only claims that this source has stated", text_bounds);
  visit("least_confidence", it.filter.least_confidence, "Only claims whose value is as sure as this");
  visit("least_criticality", it.filter.least_criticality, "Only claims on which so much hangs");
  visit("metadata", it.filter.metadata, "Only claims whose metadata has each of these members", Bounds{.object = true});
  visit("valid_at", it.valid_at, valid_at_meaning);
  describe(it.at, visit);
  visit("history", it.history, "Also what is not believed then: superseded, ended, parked");
  visit(
      "by", it.by,
      "What to go by: words, meaning, blend (both scores, added) or ranks (both lists, merged); without it blend where "
      "there are vectors to compare, otherwise words");
  visit("meaning_share", it.meaning_share, "Of the score of a blend, how much is that of meaning, from 0 to 1");
  visit("least_cosine", it.least_cosine, "What has no word that was asked for has to be as near as this, from 0 to 1");
  visit("recency_share", it.recency_share,
        "Of the score, how much is how lately a claim began to hold, from 0 to 1; not by ranks");
  visit("half_life", it.half_life, "Microseconds after which what began is half as fresh, where that counts",
        half_life_bounds);
  visit("least_score", it.least_score, "Nothing that scores less, from 0 to 1");
  visit("limit", it.limit, "How many lines at most, from 1 on; more than 1000 count as that", page_bounds);
  visit("more_agents", it.more_agents, "Whose ledgers to search too", agent_bounds);
  visit("explain", it.explain, "Say what was looked up, and how often it was there");
}

template <A<ContextRequest> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.request("ContextRequest", "this request", "What is believed about something, as text for a prompt");
  describe(it.search, visit);
  visit("budget", it.budget,
        "How many tokens the text may have, as estimated: a quarter of one for each character of "
        "ASCII, one for each other");
  visit("serve_to", it.serve_to, "Record that the text went to this context (a conversation, a prompt)", text_bounds);
}

template <A<Mark> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Mark", "Bytes of a snippet's text where something stands that was asked for");
  visit("begin", it.begin, "The first");
  visit("end", it.end, "Past the last");
}

template <A<Snippet> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("Snippet", "The part of a text that shows why it was found");
  visit("text", it.text, "The part");
  visit("marks", it.marks, "What was asked for in it");
  visit("cut_before", it.cut_before, "The text begins before it");
  visit("cut_after", it.cut_after, "The text goes on after it");
}

template <A<FoundClaim> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("FoundClaim", "A claim that has what was asked for");
  describe(it.slot, visit);
  visit("statement", it.statement, "The entry that says so");
  visit("believed", it.believed, "It is the answer of its line, or a side of it; otherwise dissent, or history");
  visit("score", it.score, "How well it answers the question, from 0 to 1");
  visit("words", it.words, "By its words alone: the share of the question's information that they cover");
  visit("cosine", it.cosine, "By its meaning: 1 is the same, 0 nothing in common; null: it was not compared");
  visit.if_given("freshness", it.freshness,
                 "How lately it began, where that counts: 1 is now or later, 0.5 a half-life before");
  visit("snippet", it.snippet, "Of its value, as text");
  visit("counts", it.counts, "How often it has each of the terms; only where they are explained");
}

template <A<FoundLine> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("FoundLine", "A line that was found, with what is believed about it");
  visit("agent", it.agent, "Whose ledger it is in");
  describe(it.line, visit);
  visit("score", it.score, "That of its best claim");
  visit("belief", it.belief, "What is believed, with all sides");
  visit("claims", it.claims, "The claims that have what was asked for, the best first");
}

template <A<SearchTerm> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("SearchTerm", "Something that was looked up");
  visit("text", it.text, "A word, or its stem");
  visit("beginning", it.beginning, "Found in every word that begins so");
  visit("wanted", it.wanted, "False: what has it may be excluded");
  visit("statements", it.statements, "How many have it");
  visit("bits", it.bits, "How much finding it tells");
}

template <A<SearchedLedger> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("SearchedLedger", "A ledger that was searched, and how");
  visit("agent", it.agent, "Whose it is");
  describe(it.at, visit);
  visit("scanned", it.scanned, "Statements that were read, since their words are not filed");
  visit("compared", it.compared, "Statements that were compared by their meaning");
  visit("pending", it.pending, "Statements without a vector yet, which compete by their words; 10000 stands for more");
  visit("no_meaning", it.no_meaning, "Why meaning was not looked at; empty: it was, or nobody asked");
  visit("terms", it.terms, "What was looked up; only where it is explained");
}

template <A<SearchAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("SearchAnswer", "What was found, the best first");
  visit("lines", it.lines, "The lines; of equal ones the newest first");
  visit("more", it.more, "There are further ones");
  visit("ledgers", it.ledgers, "What was searched");
  visit("by", it.by, "What it was found by");
  visit("recipe", it.recipe, "How texts became words to look up");
  visit("model", it.model, "What made the vectors; null: none were compared");
  visit("remark", it.remark, "Why nothing was looked up; empty: something was");
  visit("cut", it.cut, "The question was too long, and its end was left out");
}

template <A<ContextAnswer> Self, class Visitor>
void describe(Self& it, Visitor& visit) {
  visit.answer("ContextAnswer", "What is believed, as text for a prompt");
  visit("text", it.text, "A line for each line of the ledger; empty where nothing was found");
  visit("tokens", it.tokens, "How many it has, as estimated");
  visit("lines", it.lines, "How many lines of the ledger it tells of");
  visit("more", it.more, "There was no room for others, or the limit left them out");
  visit("claims", it.claims, "The claims that it tells of");
  visit("ledgers", it.ledgers, "What was searched");
  visit("remark", it.remark, "Why nothing was looked up; empty: something was");
  visit("cut", it.cut, "The question was too long, and its end was left out");
}

}  // namespace claimledger::wiring
