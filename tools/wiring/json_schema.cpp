#include <nlohmann/json.hpp>

#include <limits>
#include <map>
#include <stdexcept>
#include <tuple>
#include <typeindex>
#include <variant>

#include "wiring/json.hpp"
#include "wiring/shapes/reports.hpp"
#include "wiring/shapes/requests.hpp"
#include "wiring/shapes/search.hpp"

namespace claimledger::wiring {
namespace {

using Requests = std::tuple<Statement, IngestLine, Question, NotedHead, RecallRequest, HistoryRequest, TimelineRequest,
                            SubjectRequest, ContestedRequest, PendingRequest, ClaimRequest, LineageRequest,
                            ServedRequest, AuditRequest, OutcomeRequest, SearchRequest, ContextRequest, AgentsRequest,
                            SubjectsRequest, PredicatesRequest, VerifyRequest, StatusRequest, IngestRequest, EndRequest,
                            RetractRequest, RetractSourceRequest, CorrectRequest, ReopenRequest, ReviewRequest,
                            AdjudicateRequest, SweepRequest, ReconcileRequest>;
constexpr std::string_view place = "#/$defs/";

// The shapes inside these come with them.
using Answers =
    std::tuple<Belief, ShortAnswer, History, Timeline, ClaimHistory, Page<LineBelief>, Page<ContestedLine>,
               Page<AdjudicationItem>, Page<LineageNode>, Page<Serving>, Page<AuditEntry>, AgentsPage, SearchAnswer,
               ContextAnswer, Page<std::string>, Page<LineKey>, RememberAnswer, AnswerReport, Remark, WriteAnswer,
               ReconcileAnswer, FeedBatch, IngestReport, Acknowledgement, RejectedLine, ExportReport, ImportReport,
               LedgerVerification, VerificationReport, StatusReport, ReindexReport, EmbedReport, QuestionVector,
               DoctorReport, VectorsReport, DropVectorsAnswer, ExportedVectors, StatementVector, CopyReport,
               BackupReport, RestoreReport, MigrationReport, InitReport, FailureReport>;

Json words_json(std::span<const std::string_view> words) {
  auto out = Json::array();
  for (const auto word : words) out.push_back(std::string(word));
  return out;
}

Json or_null(Json schema) { return {{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}}; }

Json provenance_as_shown() {
  const Json first_hand{
      {"type", "object"},
      {"properties", {{"type", {{"const", "External"}}}, {"kind", {{"enum", {"UserAsserted", "ExternalFirstHand"}}}}}},
      {"required", {"type", "kind"}},
      {"additionalProperties", false}};
  const Json other{{"type", "object"},
                   {"properties", {{"type", {{"enum", {"RecallReEntry", "ModelDerived"}}}}}},
                   {"required", {"type"}},
                   {"additionalProperties", false}};
  return {{"description", "Who says so"}, {"anyOf", Json::array({first_hand, other})}};
}

constexpr auto date_pattern = "(?!0000)[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])";
constexpr auto time_pattern =
    "([Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?";

// As parse_valid_time() reads it, and as the end of a window is shown.
Json stated_time() {
  return {
      {"description",
       "A year, a month, a day (of a question: its first instant in UTC) or RFC 3339. The day is one that its month "
       "has; the time, in UTC, lies in the years 0001 to 9999"},
      {"type", "string"},
      {"pattern", std::string("^") + date_pattern + time_pattern + ")?)?$"}};
}

// As parse_during() reads it.
Json stated_during() {
  return {{"description",
           "A year, a month or a day that its month has. It ends within the year 9999: the last year, month and day of "
           "the calendar do not"},
          {"type", "string"},
          {"pattern", std::string("^(?!9999(-12(-31)?)?$)") + date_pattern + ")?)?$"}};
}

// Not both fields, save as nulls.
Json not_both(const char* one, const char* other) {
  const Json given{{"not", {{"type", "null"}}}};
  const Json both{{"required", {one, other}}, {"properties", {{one, given}, {other, given}}}};
  return {{"not", both}};
}

// As parse_provenance() reads it, or as it is shown.
Json provenance_as_said() {
  auto words = words_json(spellings<Provenance>());
  for (const auto* sign : {"/", ":"}) {
    words.push_back("External" + std::string(sign) + "UserAsserted");
    words.push_back("External" + std::string(sign) + "ExternalFirstHand");
  }
  auto out = provenance_as_shown();
  out["anyOf"].push_back({{"enum", std::move(words)}});
  return out;
}

}  // namespace

// Definitions of shapes, each once, with all that they hold.
class Definitions {
 public:
  // A reference to the shape, which is defined if it is not yet.
  template <class Shape>
  Json reference();
  // The same of what is no struct.
  Json reference(const std::string& name, Json (*define)()) {
    if (!defined_.contains(name)) defined_[name] = define();
    return {{"$ref", std::string(place) + name}};
  }
  Json take() { return std::move(defined_); }

 private:
  std::map<std::string, std::type_index> types_;
  Json defined_ = Json::object();
};

// Describes one shape as an object with properties.
class SchemaWriter : public VisitorBase {
 public:
  explicit SchemaWriter(Definitions& definitions) : definitions_(definitions) {}

  void answer(std::string_view, const char* meaning) { begin(meaning, false); }
  void request(std::string_view, const char*, const char* meaning) { begin(meaning, true); }

  template <class Member>
  void operator()(const char* name, const Member& member, const char* meaning, Bounds bounds = {}) {
    auto schema = of(member, bounds);
    if (request_ && null_is_absent<Member>(bounds) && !schema.contains("anyOf")) schema = or_null(std::move(schema));
    property(name, std::move(schema), meaning);
    if (!request_) required_.push_back(name);
  }
  template <class Member>
  void required(const char* name, const Member& member, const char* meaning, Bounds bounds = {}) {
    property(name, of(member, bounds), meaning);
    required_.push_back(name);
  }
  template <class Derived>
  void derived(const char* name, const Derived& value, const char* meaning, Bounds bounds = {}) {
    (*this)(name, value, meaning, bounds);
  }
  template <class... Alternatives, class WordOf>
  void by_word(const char* name, const char* word, const std::variant<Alternatives...>&, WordOf word_of,
               const char* meaning) {
    property(name, {{"type", "object"}}, meaning);
    required_.push_back(name);
    const auto tied = [&](const auto& alternative) {
      const Json wanted{{"const", std::string(word_of(alternative))}};
      return Json{{"properties", {{word, wanted}, {name, of(alternative, {})}}}};
    };
    by_word_ = Json::array({tied(Alternatives{})...});
  }
  void excludes(const char* name, const char* other) {
    if (request_) all_of_.push_back(not_both(name, other));
  }
  template <class Member>
  void if_given(const char* name, const std::optional<Member>&, const char* meaning) {
    property(name, of(Member{}, {}), meaning);
  }
  template <class Type, class Set>
  void instead(const char* name, std::initializer_list<const char*> others, Set, const char* meaning) {
    if (!request_) return;
    std::string without;
    for (const auto* other : others) without += (without.empty() ? "; excludes " : " and ") + std::string(other);
    property(name, or_null(of(Type{}, {})), meaning + without);
    for (const auto* other : others) this->excludes(name, other);
  }
  template <class... Alternatives, class... Describe>
  void one_of(const std::variant<Alternatives...>&, Describe... describe_one) {
    auto choices = Json::array();
    (choices.push_back(alternative<Alternatives>(describe_one)), ...);
    // None of the fields of another, not even one of several: that alone would make no choice of it.
    const auto alone = choices;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      auto others = Json::array();
      for (std::size_t j = 0; j < alone.size(); ++j)
        for (const auto& field : alone[j]["required"])
          if (i != j) others.push_back({{"required", Json::array({field})}});
      choices[i]["not"] = {{"anyOf", std::move(others)}};
    }
    one_of_.push_back(std::move(choices));
  }

  Json take() {
    Json out{{"description", meaning_}, {"type", "object"}, {"properties", std::move(properties_)}};
    out["required"] = required_;
    for (auto& choices : one_of_) out["oneOf"] = std::move(choices);  // of which no shape has two
    if (!by_word_.empty()) out["anyOf"] = std::move(by_word_);
    if (!all_of_.empty()) out["allOf"] = std::move(all_of_);
    out["additionalProperties"] = false;
    return out;
  }

 private:
  void begin(const char* meaning, bool request) {
    if (!meaning_.empty()) return;
    meaning_ = meaning;
    request_ = request;
  }

  void property(const char* name, Json schema, const std::string& meaning) {
    const auto& said = schema.contains("anyOf") ? schema["anyOf"].front() : schema;
    // A schema counts characters, a limit bytes.
    const auto bytes =
        said.contains("maxLength") ? "; at most " + said["maxLength"].dump() + " bytes of UTF-8" : std::string();
    schema["description"] = meaning + bytes;
    properties_[name] = std::move(schema);
  }

  template <class Alternative, class Describe>
  Json alternative(Describe describe_one) {
    SchemaWriter fields(definitions_);
    fields.begin("-", true);
    Alternative sample{};
    describe_one(sample, fields);
    properties_.update(fields.properties_);
    return {{"required", fields.required_}};
  }

  // --- The schema of a member, by its type ---

  Json text_of(const char* format) const { return {{"type", "string"}, {"format", format}}; }
  Json whole_number(Bounds bounds) const {
    Json out{{"type", "integer"}, {"minimum", bounds.shortest}};
    if (request_) out["maximum"] = bounds.longest > 0 ? bounds.longest : std::numeric_limits<std::uint64_t>::max();
    return out;
  }

  Json of(const std::string&, Bounds bounds) const {
    Json out{{"type", "string"}};
    if (request_ && bounds.shortest > 0) out["minLength"] = bounds.shortest;
    // The bound is in bytes; no more characters than that can be right.
    if (request_ && bounds.longest > 0) out["maxLength"] = bounds.longest;
    if (!bounds.words.empty()) out["enum"] = words_json(bounds.words);
    return out;
  }
  Json of(bool, Bounds) const { return {{"type", "boolean"}}; }
  Json of(std::uint32_t, Bounds bounds) const { return whole_number(bounds); }
  Json of(std::uint64_t, Bounds bounds) const { return whole_number(bounds); }
  Json of(const Position&, Bounds bounds) const { return whole_number(bounds); }
  Json of(std::chrono::microseconds, Bounds bounds) const { return whole_number(bounds); }
  Json of(const Value&, Bounds bounds) const { return bounds.object ? Json{{"type", "object"}} : Json::object(); }
  Json of(Confidence, Bounds) const { return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}; }
  Json of(Score, Bounds) const { return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}; }
  Json of(double, Bounds) const { return {{"type", "number"}}; }
  Json of(const AgentId& agent, Bounds bounds) const { return of(agent.value, bounds); }
  Json of(const ClaimId&, Bounds) const { return text_of("uuid"); }
  Json of(const BatchId&, Bounds) const { return text_of("uuid"); }
  Json of(const AdjudicationId&, Bounds) const { return text_of("uuid"); }
  Json of(const Digest&, Bounds) const { return {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}}; }
  Json of(const ErasedContent&, Bounds) const { return {{"const", "erased"}}; }
  // A request may say a date in place of an instant; an end of a window is always shown as it was stated.
  Json of(const TxTime&, Bounds) { return request_ ? stated() : text_of("date-time"); }
  Json of(const ValidTime&, Bounds) { return request_ ? stated() : text_of("date-time"); }
  Json of(const ValidEnd&, Bounds) { return stated(); }
  Json of(const StatedDuring&, Bounds) { return definitions_.reference("StatedDuring", stated_during); }
  Json stated() { return definitions_.reference("StatedTime", stated_time); }
  Json of(Provenance, Bounds) {
    return request_ ? definitions_.reference("ProvenanceSaid", provenance_as_said)
                    : definitions_.reference("Provenance", provenance_as_shown);
  }
  template <class Enum>
  requires std::is_enum_v<Enum> Json of(Enum, Bounds)
  const { return {{"enum", words_json(spellings<Enum>())}}; }

  template <class Item>
  Json of(const std::optional<Item>&, Bounds bounds) {
    auto schema = of(Item{}, bounds);
    return schema.empty() ? schema : or_null(std::move(schema));  // of any JSON, a null is part
  }
  template <class Item>
  Json of(const std::vector<Item>&, Bounds bounds) {
    Json out{{"type", "array"}, {"items", of(Item{}, Bounds{.words = bounds.words})}};
    if (bounds.shortest > 0) out["minItems"] = bounds.shortest;
    if (bounds.longest > 0) out["maxItems"] = bounds.longest;
    return out;
  }
  template <class Item>
  Json of(const std::vector<std::pair<std::string, Item>>&, Bounds) {
    return {{"type", "object"}, {"additionalProperties", of(Item{}, {})}};
  }
  template <class... Alternatives>
  Json of(const std::variant<Alternatives...>&, Bounds) {
    auto choices = Json::array();
    (choices.push_back(of(Alternatives{}, {})), ...);
    return {{"anyOf", std::move(choices)}};
  }
  template <class Shape>
  requires requires(Shape& shape, SchemaWriter& visit) { describe(shape, visit); }
  Json of(const Shape&, Bounds) { return definitions_.reference<Shape>(); }

  Definitions& definitions_;
  std::string meaning_;
  bool request_ = false;
  Json properties_ = Json::object();
  std::vector<std::string> required_;
  std::vector<Json> one_of_;
  Json by_word_ = Json::array();
  Json all_of_ = Json::array();
};

template <class Shape>
Json Definitions::reference() {
  const auto name = shape_name<Shape>();
  const auto [named, is_new] = types_.emplace(name, typeid(Shape));
  if (named->second != typeid(Shape)) throw std::logic_error("two shapes are called " + name);
  if (is_new) {
    defined_[name] = nullptr;  // in the order in which they are met
    SchemaWriter writer(*this);
    Shape shape{};
    describe(shape, writer);
    defined_[name] = writer.take();
  }
  return {{"$ref", std::string(place) + name}};
}

// Finds what a description says of one field.
class MeaningOf : public VisitorBase {
 public:
  explicit MeaningOf(std::string_view field) : field_(field) {}
  template <class Member>
  void operator()(const char* name, Member&, const char* said, Bounds = {}) {
    hear(name, said);
  }
  template <class Member>
  void required(const char* name, Member&, const char* said, Bounds = {}) {
    hear(name, said);
  }
  template <class Type, class Set>
  void instead(const char* name, std::initializer_list<const char*>, Set, const char* said) {
    hear(name, said);
  }
  std::string meaning;

 private:
  void hear(std::string_view name, const char* heard) {
    if (name == field_) meaning = heard;
  }
  std::string_view field_;
};

namespace {

template <class... Shapes>
void define(Definitions& definitions, std::tuple<Shapes...>*) {
  (definitions.reference<Shapes>(), ...);
}
Json every_definition() {
  Definitions definitions;
  define(definitions, static_cast<Requests*>(nullptr));
  define(definitions, static_cast<Answers*>(nullptr));
  return definitions.take();
}

// Takes the definitions that a schema refers to into `needed`, and those that they refer to.
void collect(const Json& schema, const Json& all, Json& needed) {
  if (!schema.is_structured()) return;
  for (const auto& [key, part] : schema.items()) {
    if (key != "$ref") {
      collect(part, all, needed);
      continue;
    }
    const auto name = part.get<std::string>().substr(place.size());
    if (needed.contains(name)) continue;
    needed[name] = all[name];
    collect(all[name], all, needed);
  }
}

}  // namespace

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  const auto definitions = every_definition();
  for (const auto& [name, definition] : definitions.items()) names.push_back(name);
  return names;
}

std::string schema_of(const std::vector<std::string>& shapes, Absent absent) {
  const auto all = every_definition();
  auto choices = Json::array();
  for (const auto& shape : shapes) {
    if (!all.contains(shape)) throw InvalidInput("name", "there is no shape or command " + shape);
    choices.push_back({{"$ref", std::string(place) + shape}});
  }
  if (absent == Absent::is_null) choices.push_back({{"type", "null"}});

  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  auto needed = choices.empty() ? all : Json::object();
  collect(choices, all, needed);
  if (choices.size() == 1)
    out.update(choices.front());
  else if (!choices.empty())
    out["anyOf"] = std::move(choices);
  out["$defs"] = std::move(needed);
  return out.dump(2) + "\n";
}

template <class Request>
std::string meaning_of(std::string_view field) {
  Request request{};
  MeaningOf found(field);
  describe(request, found);
  if (found.meaning.empty()) throw std::logic_error("no field " + std::string(field));
  return found.meaning;
}
template std::string meaning_of<AdjudicateRequest>(std::string_view);
template std::string meaning_of<At>(std::string_view);
template std::string meaning_of<AuditRequest>(std::string_view);
template std::string meaning_of<ContestedRequest>(std::string_view);
template std::string meaning_of<ContextRequest>(std::string_view);
template std::string meaning_of<CorrectRequest>(std::string_view);
template std::string meaning_of<EndRequest>(std::string_view);
template std::string meaning_of<PageRequest>(std::string_view);
template std::string meaning_of<RecallRequest>(std::string_view);
template std::string meaning_of<ReopenRequest>(std::string_view);
template std::string meaning_of<RetractSourceRequest>(std::string_view);
template std::string meaning_of<SearchRequest>(std::string_view);
template std::string meaning_of<Statement>(std::string_view);

}  // namespace claimledger::wiring
