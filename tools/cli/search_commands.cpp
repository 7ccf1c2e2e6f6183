#include <algorithm>
#include <cmath>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"
#include "cli/text.hpp"
#include "cli/typed_word.hpp"
#include "wiring/shapes/search.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Ask";

struct SearchOptions {
  std::vector<std::string> words;
  std::string subject, predicate, subject_prefix, predicate_prefix, during, source, least_criticality, metadata;
  std::vector<std::string> statuses, provenances, agents;
  std::string by, half_life;
  std::optional<double> least_confidence, least_score, meaning_share, least_cosine, recency_share;
  ValidAtOption valid_at;
  AtOptions at;
  bool history = false, explain = false;
  std::size_t limit = 10;
};

template <class Enum>
std::vector<Enum> typed_words(const std::vector<std::string>& typed, const char* field) {
  std::vector<Enum> words;
  words.reserve(typed.size());
  for (const auto& word : typed) words.push_back(typed_word<Enum>(word, field));
  return words;
}

// Words of a question are one text, whether a shell was given them as one or as many.
std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

SearchRequest request_of(const Session& session, const SearchOptions& options) {
  SearchRequest request{.agent = session.agent(), .text = joined(options.words)};
  auto& filter = request.filter;
  filter.subject = given(options.subject);
  filter.predicate = given(options.predicate);
  filter.subject_prefix = given(options.subject_prefix);
  filter.predicate_prefix = given(options.predicate_prefix);
  filter.source = given(options.source);
  filter.statuses = typed_words<BeliefStatus>(options.statuses, "--status");
  filter.provenances = typed_words<Provenance>(options.provenances, "--provenance");
  if (!options.during.empty()) filter.valid_during = parse_during(options.during, "--during");
  if (!options.least_criticality.empty())
    filter.least_criticality = typed_word<Criticality>(options.least_criticality, "--min-criticality");
  if (options.least_confidence)
    filter.least_confidence = Confidence::from(*options.least_confidence, "--min-confidence");
  if (!options.metadata.empty()) filter.metadata = Value::parse(options.metadata, "--metadata");
  if (!options.by.empty()) request.by = typed_word<SearchBy>(options.by, "--by");
  if (options.meaning_share) request.meaning_share = Score::from(*options.meaning_share, "--meaning-share");
  if (options.least_cosine) request.least_cosine = Score::from(*options.least_cosine, "--min-cosine");
  if (options.recency_share) request.recency_share = Score::from(*options.recency_share, "--recency-share");
  if (!options.half_life.empty()) request.half_life = parse_duration(options.half_life, "--half-life");
  if (options.least_score) request.least_score = Score::from(*options.least_score, "--min-score");
  for (const auto& agent : options.agents) request.more_agents.push_back(AgentId::parse(agent, "more_agents"));
  request.valid_at = options.valid_at.at();
  request.history = options.history;
  request.explain = options.explain;
  request.limit = options.limit;
  return request;
}

// A snippet for a terminal: what was asked for stands out.
std::string show(Snippet snippet) {
  // What a list or an object holds stands line by line.
  std::ranges::replace(snippet.text, '\n', ' ');
  std::string out = snippet.cut_before ? "…" : "";
  std::size_t at = 0;
  for (const auto& mark : snippet.marks) {
    out += printable(snippet.text.substr(at, mark.begin - at)) +
           toned(Tone::strong, printable(snippet.text.substr(mark.begin, mark.end - mark.begin)));
    at = mark.end;
  }
  return out + printable(snippet.text.substr(at)) + (snippet.cut_after ? "…" : "");
}

std::string three_digits(Score score) {
  const auto thousandths = std::to_string((score.millionths + 500) / 1'000 + 1'000);
  return thousandths.substr(0, 1) == "2" ? "1.000" : "0." + thousandths.substr(1);
}

// What the score is made of, where it is of more than words.
std::string legs(const FoundClaim& claim) {
  if (!claim.cosine && !claim.freshness) return "";
  const auto part = [](const char* name, Score score) { return name + three_digits(score).substr(0, 4); };
  auto out = part(" (words ", claim.words);
  if (claim.cosine) {
    const auto cosine = std::max(std::lround(*claim.cosine * 100), 0L);
    out += part(", meaning ", {static_cast<std::uint32_t>(cosine) * 10'000});
  }
  if (claim.freshness) out += part(", freshness ", *claim.freshness);
  return out + ")";
}

std::string describe(const FoundLine& found, bool several, bool explains) {
  auto out = (several ? printable(found.agent.value) + "  " : "") + one_line(found.line, found.belief);
  for (const auto& claim : found.claims) {
    out += "  " + toned(Tone::faint, three_digits(claim.score) + (explains ? legs(claim) : "")) + "  " +
           show(claim.snippet);
    if (!claim.believed) out += toned(Tone::faint, "  not believed");
    out += toned(Tone::faint, "  " + to_text(claim.slot.claim.value)) + "\n";
  }
  return out;
}

std::string describe(const SearchTerm& term) {
  auto out = "  " + padded(printable(term.text) + (term.beginning ? "*" : ""), 24) + " in " +
             counted(term.statements, "statement", "statements");
  if (!term.wanted) out += ", not wanted";
  const auto tenths = std::lround(term.bits * 10);
  return out + ", " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " bits\n";
}

std::string looked_up(std::uint64_t scanned) {
  if (scanned == 0) return "Looked up:\n";
  return "Looked up, for which " + counted(scanned, "statement", "statements") + " had to be read (see reindex):\n";
}

void describe_remarks(const Session& session, const std::string& nothing, bool cut,
                      const std::vector<SearchedLedger>& ledgers) {
  if (!nothing.empty()) remark(session.json(), nothing);
  if (!session.json()) {
    for (const auto& ledger : ledgers) {
      if (!ledger.no_meaning.empty()) {
        remark(false, "found by words alone: " + ledger.no_meaning);
      } else if (ledger.pending > 0) {
        const auto some =
            (ledger.pending >= limits::page ? "at least " : "") + counted(ledger.pending, "statement", "statements");
        remark(false,
               some + " of " + ledger.agent.value + " had no vector yet, and could be found by words alone; see embed");
      }
    }
  }
  if (cut) remark(session.json(), "the question is too long, and its end was left out");
}

ExitCode search(const Session& session, const SearchOptions& options) {
  auto request = request_of(session, options);
  const auto reading = open_at(session, options.at);
  request.at = reading.at;
  SearchAnswer answer;
  {
    Progress progress("searching");
    request.progress = [&](auto done, auto total) { progress.at(done, total); };
    answer = reading.engine.search(request);
  }
  print_answer(session, answer, [&](const SearchAnswer& it) {
    std::string out;
    for (const auto& line : it.lines) out += describe(line, !request.more_agents.empty(), request.explain);
    for (const auto& ledger : it.ledgers) {
      if (!ledger.terms.empty()) out += looked_up(ledger.scanned);
      for (const auto& term : ledger.terms) out += describe(term);
    }
    return out.empty() ? "Nothing was found.\n" : out;
  });
  describe_remarks(session, answer.remark, answer.cut, answer.ledgers);
  if (!session.json() && answer.more)
    note(options.limit < limits::found_lines
             ? "There is more: --limit " + std::to_string(std::min(2 * options.limit, limits::found_lines)) + "\n"
             : "There is more than a search shows: ask for less with a filter\n");
  return answer.lines.empty() ? ExitCode::no : ExitCode::fine;
}

struct ContextOptions {
  SearchOptions search;
  std::size_t budget = 800;
  std::string serve_to;
};

// The text alone, so that it can go into a prompt as it is.
ExitCode context(const Session& session, const ContextOptions& options) {
  ContextRequest request{.search = request_of(session, options.search),
                         .budget = options.budget,
                         .serve_to = given(options.serve_to),
                         .caller = session.caller()};
  auto reading = open_at(session, options.search.at);
  request.search.at = reading.at;
  ContextAnswer answer;
  {
    Progress progress("searching");
    request.search.progress = [&](auto done, auto total) { progress.at(done, total); };
    answer = reading.engine.context(request);
  }
  if (request.serve_to && answer.lines > 0) note_done(as_served);
  if (session.json()) {
    print_json(answer);
  } else {
    // Line by line: what is hidden in a value is shown, and the ends of lines are ours.
    std::size_t begin = 0;
    for (auto end = answer.text.find('\n'); end != std::string::npos; end = answer.text.find('\n', begin)) {
      print(printable(answer.text.substr(begin, end - begin)) + "\n");
      begin = end + 1;
    }
  }
  describe_remarks(session, answer.remark, answer.cut, answer.ledgers);
  if (!session.json() && answer.lines == 0 && !answer.more) remark(false, "nothing was found");
  if (!session.json() && answer.more)
    remark(false, (answer.lines == 0 ? "what was found does not fit into --budget "
                                     : counted(answer.lines, "line", "lines") + " of about " +
                                           std::to_string(answer.tokens) + " tokens; there is more for --budget ") +
                      std::to_string(options.budget));
  return answer.lines == 0 ? ExitCode::no : ExitCode::fine;
}

// One a time, or with commas: the words behind it are the question's.
void take_several(CLI::Option* option) { option->delimiter(',')->allow_extra_args(false); }

void add_options(CLI::App& command, SearchOptions& options) {
  command.set_help_flag("--help", "Print this help message and exit");  // not -h, with which a word may begin: -honey
  command.add_option("words", options.words, meaning_of<SearchRequest>("text"))->required();
  command.add_option("--subject", options.subject, meaning_of<SearchRequest>("subject"));
  command.add_option("--predicate", options.predicate, meaning_of<SearchRequest>("predicate"));
  command.add_option("--subject-prefix", options.subject_prefix, meaning_of<SearchRequest>("subject_prefix"));
  command.add_option("--predicate-prefix", options.predicate_prefix, meaning_of<SearchRequest>("predicate_prefix"));
  take_several(command.add_option("--status", options.statuses,
                                  with_words<BeliefStatus>(meaning_of<SearchRequest>("statuses"))));
  command.add_option("--during", options.during, meaning_of<SearchRequest>("valid_during"));
  take_several(command.add_option("--provenance", options.provenances,
                                  with_words<Provenance>(meaning_of<SearchRequest>("provenances"))));
  command.add_option("--source", options.source, meaning_of<SearchRequest>("source"));
  command.add_option("--min-confidence", options.least_confidence, meaning_of<SearchRequest>("least_confidence"));
  command.add_option("--min-criticality", options.least_criticality,
                     with_words<Criticality>(meaning_of<SearchRequest>("least_criticality")));
  command.add_option("--metadata", options.metadata, meaning_of<SearchRequest>("metadata"));
  options.valid_at.add_to(command);
  options.at.add_to(command);
  command.add_option("--by", options.by, meaning_of<SearchRequest>("by"));
  command.add_option("--meaning-share", options.meaning_share,
                     meaning_of<SearchRequest>("meaning_share") + " (default: 0.2)");
  command.add_option("--min-cosine", options.least_cosine,
                     meaning_of<SearchRequest>("least_cosine") + " (default: 0.25)");
  auto* recency_share =
      command.add_option("--recency-share", options.recency_share, meaning_of<SearchRequest>("recency_share"));
  command
      .add_option("--half-life", options.half_life,
                  "Where that counts, after how long what began is half as fresh: 12h, 7d (default: 30d)")
      ->needs(recency_share);
  command.add_option("--min-score", options.least_score, meaning_of<SearchRequest>("least_score"));
  command.add_option("--limit", options.limit, meaning_of<SearchRequest>("limit"))->capture_default_str();
  take_several(command.add_option("--agents", options.agents, meaning_of<SearchRequest>("more_agents")));
}

}  // namespace

void add_search_commands(CLI::App& app, Program& program) {
  const auto finding = add_command(app, program, group, "search", "Find what is believed, by words and by meaning",
                                   "claimledger search travel plans --subject Ada", &search);
  add_options(*finding.app, *finding.options);
  finding.app->add_flag("--history", finding.options->history, meaning_of<SearchRequest>("history"));
  finding.app->add_flag("--explain", finding.options->explain, meaning_of<SearchRequest>("explain"));

  const auto briefing =
      add_command(app, program, group, "context", "What is believed about something, as text for a prompt",
                  "claimledger context \"travel plans of Ada\" --budget 400 --serve-to chat-7", &context);
  add_options(*briefing.app, briefing.options->search);
  briefing.app->add_option("--budget", briefing.options->budget, meaning_of<ContextRequest>("budget"))
      ->capture_default_str();
  briefing.app->add_option("--serve-to", briefing.options->serve_to, meaning_of<ContextRequest>("serve_to"));
}

}  // namespace claimledger::cli
