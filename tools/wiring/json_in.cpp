#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <utility>

#include "claimledger/domain/strict_json.hpp"
#include "wiring/json.hpp"
#include "wiring/parse_enum.hpp"
#include "wiring/shapes/requests.hpp"
#include "wiring/shapes/search.hpp"

namespace claimledger::wiring {

// The fields that a description names, and what its errors call the shape.
class FieldNames : public VisitorBase {
 public:
  void request(std::string_view, const char* heard, const char*) {
    if (noun.empty()) noun = heard;
  }
  template <class Member>
  void operator()(const char* name, Member&, const char*, Bounds = {}) {
    names.push_back(name);
  }
  template <class Member>
  void required(const char* name, Member&, const char*, Bounds = {}) {
    names.push_back(name);
  }
  template <class Type, class Set>
  void instead(const char* name, std::initializer_list<const char*>, Set, const char*) {
    names.push_back(name);
  }
  template <class... Alternatives, class... Describe>
  void one_of(std::variant<Alternatives...>&, Describe... describe_one) {
    (add<Alternatives>(describe_one), ...);
  }

  bool has(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }

  std::string noun;
  std::vector<const char*> names;

 private:
  template <class Alternative, class Describe>
  void add(Describe describe_one) {
    Alternative alternative{};
    describe_one(alternative, *this);
  }
};

namespace {

// The number that the library could not read: it quotes it last.
std::string quoted(const std::string& message) {
  const auto open = message.find('\'');
  const auto close = message.rfind('\'');
  return open == close ? std::string() : message.substr(open + 1, close - open - 1);
}

// How errors call a text that is one line of a file.
constexpr auto line_of_a_file = "line";

// `whole` is what errors call the text as a whole.
Json parse_object(std::string_view text, const std::string& whole) {
  if (text.starts_with(byte_order_mark)) throw InvalidInput(whole, "is not JSON: begins with a byte order mark");
  // The library takes a NUL for the end of the text.
  const bool has_nul = text.find('\0') != std::string_view::npos;
  Json object;
  StrictJson<Json> strict(4, whole);  // the object itself, a list in it, objects in that, and one more for no value
  try {
    object = Json::parse(text, std::ref(strict));
  } catch (const Json::out_of_range& error) {
    constexpr std::size_t quotable = 40;
    throw InvalidInput(strict.place(), "is a number beyond a double; write it as a string: \"" +
                                           shortened(quoted(error.what()), quotable) + "\"");
  } catch (const Json::parse_error& error) {
    const bool goes_on = whole == line_of_a_file && error.byte > text.size() && text.front() != '"';
    throw InvalidInput(strict.place(), has_nul ? "contains NUL"
                                               : "is not JSON " + problem_of(error) +
                                                     (goes_on ? "; `jq -c .` writes each on one line" : ""));
  }
  if (has_nul) throw InvalidInput(whole, "contains NUL");
  if (object.is_array() && whole == line_of_a_file)
    throw InvalidInput(whole, "must be a JSON object; `jq -c '.[]'` makes lines of a list");
  if (!object.is_object()) throw InvalidInput(whole, "must be a JSON object");
  return object;
}

// Where the value that begins here ends, in text that is known to be JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\')
      ++at;
    else if (c == '"')
      in_string = !in_string;
    else if (in_string)
      continue;
    else if (c == '{' || c == '[')
      ++depth;
    else if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']'))
      break;
    else if (c == '}' || c == ']')
      --depth;
  }
  return at;
}

// The value of one field of an object that has it, as it was typed: what was parsed has rounded its numbers.
std::string_view field_as_typed(std::string_view object, std::string_view name) {
  auto at = object.find('{') + 1;
  for (;;) {
    const auto key_end = end_of_value(object, at);
    const auto value_end = end_of_value(object, key_end + 1);
    if (Json::parse(object.substr(at, key_end - at)) == name)
      return object.substr(key_end + 1, value_end - key_end - 1);
    at = value_end + 1;
  }
}

std::string list_of(std::initializer_list<const char*> names) {
  std::string out;
  for (const auto* name : names) out += (out.empty() ? "" : " and ") + std::string(name);
  return out;
}

// A parsed value, the same as it was typed, and what errors call it.
struct Typed {
  const Json& json;
  std::string_view text;
  const std::string& field;
};

const std::string& as_text(const Typed& in) {
  if (!in.json.is_string())
    throw InvalidInput(in.field, "must be a string, is a JSON " + std::string(in.json.type_name()));
  return in.json.get_ref<const std::string&>();
}

// 1.0 and 1e3 are whole numbers too, as they are to JSON Schema.
std::uint64_t as_number(const Typed& in, Bounds bounds) {
  std::uint64_t number = 0;
  const auto digits = in.json.is_number() ? Value::parse(in.text, in.field).text() : std::string();
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  const auto most = bounds.longest > 0 ? bounds.longest : std::numeric_limits<std::uint64_t>::max();
  if (digits.empty() || error != std::errc() || rest != end || number < bounds.shortest || number > most)
    throw InvalidInput(
        in.field, "must be a whole number from " + std::to_string(bounds.shortest) + " to " + std::to_string(most));
  return number;
}

void require_length(const Typed& in, std::size_t length, Bounds bounds, const char* unit) {
  if (length < bounds.shortest) throw InvalidInput(in.field, "must not be empty");
  if (bounds.longest > 0 && length > bounds.longest)
    throw InvalidInput(in.field, "has " + std::to_string(length) + unit + "; at most " +
                                     std::to_string(bounds.longest) + " are allowed");
}

// The text, or what the message of parse_enum() needs to be about: no word of a closed set is empty.
std::string as_word(const Typed& in) { return in.json.is_string() ? in.json.get<std::string>() : std::string(); }

void read(const Typed& in, std::string& out, Bounds bounds) {
  const auto& words = bounds.words;
  out = words.empty() ? as_text(in) : as_word(in);
  require_length(in, out.size(), bounds, " bytes");
  if (words.empty() || std::find(words.begin(), words.end(), out) != words.end()) return;
  throw InvalidInput(in.field, "must be one of " + listed(words));
}
void read(const Typed& in, bool& out, Bounds) {
  if (!in.json.is_boolean()) throw InvalidInput(in.field, "must be true or false");
  out = in.json.get<bool>();
}
void read(const Typed& in, std::size_t& out, Bounds bounds) { out = as_number(in, bounds); }
void read(const Typed& in, Position& out, Bounds bounds) { out = {as_number(in, bounds)}; }
void read(const Typed& in, std::chrono::microseconds& out, Bounds bounds) {
  out = std::chrono::microseconds(as_number(in, bounds));
}
void read(const Typed& in, Value& out, Bounds bounds) {
  if (bounds.object && !in.json.is_object()) throw InvalidInput(in.field, "must be a JSON object");
  out = Value::parse(in.text, in.field);
}
void read(const Typed& in, ValidEnd& out, Bounds) { out = parse_valid_time(as_text(in), in.field); }
void read(const Typed& in, StatedDuring& out, Bounds) { out.window = parse_during(as_text(in), in.field); }
void read(const Typed& in, ValidTime& out, Bounds) { out = parse_valid_time(as_text(in), in.field).at; }
void read(const Typed& in, TxTime& out, Bounds) { out = parse_tx_time(as_text(in), in.field); }
void read(const Typed& in, ClaimId& out, Bounds) { out = ClaimId::parse(as_text(in), in.field); }
void read(const Typed& in, AdjudicationId& out, Bounds) { out = AdjudicationId::parse(as_text(in), in.field); }
void read(const Typed& in, Digest& out, Bounds) { out = Digest::from_hex(as_text(in), in.field); }
void read(const Typed& in, AgentId& out, Bounds) { out = AgentId::parse(as_text(in)); }
void read(const Typed& in, Confidence& out, Bounds) {
  if (!in.json.is_number()) throw InvalidInput(in.field, "must be a number from 0 to 1");
  out = Confidence::from(in.json.get<double>(), in.field);
}
void read(const Typed& in, Score& out, Bounds) {
  if (!in.json.is_number()) throw InvalidInput(in.field, "must be a number from 0 to 1");
  out = Score::from(in.json.get<double>(), in.field);
}
template <class Enum>
requires std::is_enum_v<Enum>
void read(const Typed& in, Enum& out, Bounds) { out = parse_enum<Enum>(as_word(in), in.field); }

// The three spellings, or {"type":"External","kind":"UserAsserted"}.
void read(const Typed& in, Provenance& out, Bounds) {
  if (!in.json.is_object()) {
    out = parse_enum<Provenance>(as_word(in), in.field);
    return;
  }
  const auto type_field = in.field + ".type", kind_field = in.field + ".kind";
  std::string type;
  std::optional<std::string> kind;
  for (const auto& [key, member] : in.json.items()) {
    if (key == "type")
      type = as_text({member, {}, type_field});
    else if (key == "kind")
      kind = as_text({member, {}, kind_field});
    else
      throw InvalidInput(in.field + "." + shown_key(key), "is not known; an object has type and kind");
  }
  const bool external = type == "External";
  if (!external && type != text(Provenance::recall_reentry) && type != text(Provenance::model_derived))
    throw InvalidInput(type_field, "must be External, with a kind, or RecallReEntry or ModelDerived");
  if (external && !kind) throw InvalidInput(kind_field, "is required with type External");
  if (!external && kind) throw InvalidInput(kind_field, "belongs to type External only");
  out = parse_enum<Provenance>(external ? type + "/" + *kind : type, in.field);
}

template <class Member>
concept Described = requires(Member& member, FieldNames& visit) {
  describe(member, visit);
};

template <class Shape>
const FieldNames& fields_of() {
  static const auto fields = [] {
    FieldNames names;
    Shape shape{};
    describe(shape, names);
    return names;
  }();
  return fields;
}

// Whether what is in it is read as it was typed: values, and numbers, which may be spelled as fractions.
template <class Member>
constexpr bool holds_values = Described<Member>;
template <>
constexpr bool holds_values<Value> = true;
template <>
constexpr bool holds_values<Position> = true;
template <>
constexpr bool holds_values<std::size_t> = true;
template <>
constexpr bool holds_values<std::chrono::microseconds> = true;
template <class Item>
constexpr bool holds_values<std::optional<Item>> = holds_values<Item>;
template <class Item>
constexpr bool holds_values<std::vector<Item>> = holds_values<Item>;

}  // namespace

// Reads a shape from an object. Fields that are absent keep what the shape has.
class JsonReader : public VisitorBase {
 public:
  // `path` goes before the name of a field in errors: "statements[3]."
  JsonReader(const Json& object, std::string_view text, std::string path)
      : object_(object), text_(text), path_(std::move(path)) {}

  template <class Shape>
  void read_shape(Shape& shape) {
    const auto& known = fields_of<Shape>();
    for (const auto& [key, json] : object_.items()) {
      if (!known.has(key))
        throw InvalidInput(path_ + shown_key(key),
                           "is not a field of " + known.noun + "; it has " +
                               listed(std::vector<std::string_view>(known.names.begin(), known.names.end())));
    }
    describe(shape, *this);
  }

  template <class Member>
  void operator()(const char* name, Member& member, const char*, Bounds bounds = {}) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if (found->is_null() && null_is_absent<Member>(bounds)) return;
    read_field(name, *found, member, bounds);
  }
  template <class Member>
  void required(const char* name, Member& member, const char*, Bounds bounds = {}) {
    const auto found = object_.find(name);
    if (found == object_.end()) throw InvalidInput(path_ + name, "is required");
    read_field(name, *found, member, bounds);
  }
  template <class Type, class Set>
  void instead(const char* name, std::initializer_list<const char*> others, Set set, const char*) {
    if (!given(name)) return;
    exclude(name, others);
    Type value{};
    read_field(name, *object_.find(name), value, {});
    set(value);
  }
  void excludes(const char* name, const char* other) {
    if (given(name)) exclude(name, {other});
  }
  template <class... Alternatives, class... Describe>
  void one_of(std::variant<Alternatives...>& one, Describe... describe_one) {
    std::vector<FieldNames> fields;
    (fields.push_back(names_of<Alternatives>(describe_one)), ...);
    const auto chosen = choose(fields);
    std::size_t place = 0;
    (read_alternative<Alternatives>(one, describe_one, place++ == chosen), ...);
  }

 private:
  void exclude(const char* name, std::initializer_list<const char*> others) const {
    if (std::any_of(others.begin(), others.end(), [&](const char* other) { return given(other); }))
      throw InvalidInput(path_ + name, "excludes " + list_of(others));
  }
  bool given(const char* name) const {
    const auto found = object_.find(name);
    return found != object_.end() && !found->is_null();
  }

  template <class Alternative, class Describe>
  static FieldNames names_of(Describe describe_one) {
    FieldNames names;
    Alternative alternative{};
    describe_one(alternative, names);
    return names;
  }
  template <class Alternative, class Variant, class Describe>
  void read_alternative(Variant& one, Describe describe_one, bool chosen) {
    if (!chosen) return;
    Alternative alternative{};
    describe_one(alternative, *this);
    one = std::move(alternative);
  }
  // The alternative of which a field is given.
  std::size_t choose(const std::vector<FieldNames>& alternatives) const {
    std::optional<std::size_t> chosen;
    const char* first_given = nullptr;
    std::string all;
    for (std::size_t i = 0; i < alternatives.size(); ++i) {
      std::string together;
      for (const auto* name : alternatives[i].names) {
        together += (together.empty() ? "" : " and ") + std::string(name);
        if (!object_.contains(name)) continue;
        if (chosen && *chosen != i) throw InvalidInput(path_ + name, "excludes " + std::string(first_given));
        chosen = i;
        first_given = name;
      }
      all += (all.empty() ? "" : ", or ") + together;
    }
    if (!chosen) throw InvalidInput(path_ + alternatives.front().names.front(), "is required: " + all);
    return *chosen;
  }

  template <class Member>
  void read_field(const char* name, const Json& json, Member& member, Bounds bounds) {
    const auto field = path_ + name;
    // To find a field in the text costs; only what is kept as it was typed needs it.
    const auto text = holds_values<Member> ? field_as_typed(text_, name) : std::string_view();
    read_member({json, text, field}, member, bounds);
  }

  template <class Member>
  static void read_member(const Typed& in, Member& member, Bounds bounds) {
    if constexpr (Described<Member>) {
      if (!in.json.is_object()) throw InvalidInput(in.field, "must be a JSON object");
      JsonReader(in.json, in.text, in.field + ".").read_shape(member);
    } else {
      read(in, member, bounds);
    }
  }
  template <class Item>
  static void read_member(const Typed& in, std::optional<Item>& member, Bounds bounds) {
    read_member(in, member.emplace(), bounds);
  }
  template <class Item>
  static void read_member(const Typed& in, std::vector<Item>& member, Bounds bounds) {
    if (!in.json.is_array()) throw InvalidInput(in.field, "must be a list");
    require_length(in, in.json.size(), bounds, " items");
    member.clear();
    auto at = in.text.find('[') + 1;  // of an empty text: 0, and every item's text is empty too
    for (const auto& json : in.json) {
      const auto end = end_of_value(in.text, at);
      const auto field = in.field + "[" + std::to_string(member.size()) + "]";
      const Typed item{json, in.text.substr(std::min(at, in.text.size()), end - at), field};
      read_member(item, member.emplace_back(), Bounds{.words = bounds.words});
      at = end + 1;
    }
  }

  const Json& object_;
  std::string_view text_;
  std::string path_;
};

IngestLine parse_ingest_line(std::string_view text, const Statement& defaults, RecordedAt recorded_at) {
  const auto object = parse_object(text, line_of_a_file);
  if (object.contains("format") && object.contains("entries"))
    throw InvalidInput("line", "is a batch of an export; claimledger import reads it");
  IngestLine line{defaults, std::nullopt};
  JsonReader(object, text, {}).read_shape(line);
  if (recorded_at == RecordedAt::required && !line.recorded_at) throw InvalidInput("recorded_at", "is required");
  if (recorded_at == RecordedAt::refused && line.recorded_at)
    throw InvalidInput("recorded_at", "is stamped by the ledger; a replay reads it with --clock recorded_at");
  return line;
}

template <class Request>
Request parse_request(std::string_view text) {
  constexpr bool is_line = std::same_as<Request, Question> || std::same_as<Request, NotedHead>;
  const auto object = parse_object(text, is_line ? line_of_a_file : "request");
  Request request{};
  JsonReader(object, text, {}).read_shape(request);
  return request;
}

template AdjudicateRequest parse_request(std::string_view);
template AgentsRequest parse_request(std::string_view);
template AuditRequest parse_request(std::string_view);
template ClaimRequest parse_request(std::string_view);
template ContestedRequest parse_request(std::string_view);
template CorrectRequest parse_request(std::string_view);
template EndRequest parse_request(std::string_view);
template HistoryRequest parse_request(std::string_view);
template IngestRequest parse_request(std::string_view);
template LineageRequest parse_request(std::string_view);
template NotedHead parse_request(std::string_view);
template OutcomeRequest parse_request(std::string_view);
template PendingRequest parse_request(std::string_view);
template PredicatesRequest parse_request(std::string_view);
template Question parse_request(std::string_view);
template RecallRequest parse_request(std::string_view);
template ReconcileRequest parse_request(std::string_view);
template ReopenRequest parse_request(std::string_view);
template RetractRequest parse_request(std::string_view);
template RetractSourceRequest parse_request(std::string_view);
template ReviewRequest parse_request(std::string_view);
template SearchRequest parse_request(std::string_view);
template ContextRequest parse_request(std::string_view);
template ServedRequest parse_request(std::string_view);
template StatusRequest parse_request(std::string_view);
template SubjectRequest parse_request(std::string_view);
template SubjectsRequest parse_request(std::string_view);
template TimelineRequest parse_request(std::string_view);
template SweepRequest parse_request(std::string_view);
template VerifyRequest parse_request(std::string_view);

}  // namespace claimledger::wiring
