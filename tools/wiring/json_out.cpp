#include <nlohmann/json.hpp>

#include <variant>

#include "wiring/hidden.hpp"
#include "wiring/json.hpp"
#include "wiring/shapes/answers.hpp"
#include "wiring/shapes/reports.hpp"
#include "wiring/shapes/requests.hpp"

namespace claimledger::wiring {

// Writes a shape as an object, in the order of its description.
class JsonWriter : public VisitorBase {
 public:
  template <class Member>
  void operator()(const char* name, const Member& member, const char*, Bounds = {}) {
    out_[name] = to_json(member);
  }
  template <class Member>
  void required(const char* name, const Member& member, const char*, Bounds = {}) {
    out_[name] = to_json(member);
  }
  template <class Derived>
  void derived(const char* name, const Derived& value, const char*, Bounds = {}) {
    out_[name] = to_json(value);
  }
  template <class Variant, class WordOf>
  void by_word(const char* name, const char*, const Variant& variant, WordOf, const char*) {
    out_[name] = to_json(variant);
  }
  template <class Member>
  void if_given(const char* name, const std::optional<Member>& member, const char*) {
    if (member) out_[name] = to_json(*member);
  }
  Json take() { return std::move(out_); }

 private:
  Json out_ = Json::object();
};

namespace {

template <class Number>
requires std::is_arithmetic_v<Number> Json json_of(Number number) { return number; }
template <class Enum>
requires std::is_enum_v<Enum> Json json_of(Enum word) { return std::string(text(word)); }
Json json_of(const std::string& text) { return text; }
// A canonical text is JSON already; reading it again keeps integers exact and other numbers the same double.
Json json_of(const Value& value) { return Json::parse(value.text()); }
Json json_of(Provenance provenance) {
  if (is_first_hand(provenance)) return {{"type", "External"}, {"kind", std::string(text(provenance))}};
  return {{"type", std::string(text(provenance))}};
}
Json json_of(Confidence confidence) { return confidence.number(); }
Json json_of(const AgentId& agent) { return agent.value; }
Json json_of(const ClaimId& id) { return to_text(id.value); }
Json json_of(const BatchId& id) { return to_text(id.value); }
Json json_of(const AdjudicationId& handle) { return to_text(handle.value); }
Json json_of(const Position& position) { return position.value; }
Json json_of(const TxTime& time) { return to_text(time); }
Json json_of(const ValidTime& time) { return to_text(time); }
Json json_of(const ValidEnd& end) { return to_text(end); }
Json json_of(const Digest& digest) { return digest.hex(); }
Json json_of(std::chrono::microseconds length) { return length.count(); }
Json json_of(const ErasedContent&) { return "erased"; }

template <class Item>
Json json_of(const std::optional<Item>& item) {
  return item ? to_json(*item) : Json(nullptr);
}
template <class Item>
Json json_of(const std::vector<Item>& items) {
  auto out = Json::array();
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
}
template <class Item>
Json json_of(const std::vector<std::pair<std::string, Item>>& named) {
  auto out = Json::object();
  for (const auto& [name, item] : named) out[name] = to_json(item);
  return out;
}
template <class... Alternatives>
Json json_of(const std::variant<Alternatives...>& one) {
  return std::visit([](const auto& alternative) { return to_json(alternative); }, one);
}

}  // namespace

template <class Answer>
Json to_json(const Answer& answer) {
  if constexpr (requires(JsonWriter & visit) { describe(answer, visit); }) {
    JsonWriter write;
    describe(answer, write);
    return write.take();
  } else {
    return json_of(answer);
  }
}

template <class Answer>
std::string json_line(const Answer& answer) {
  return without_hidden(to_json(answer).dump(-1, ' ', false, Json::error_handler_t::replace));
}

#define GIVEN_OUT(...)                       \
  template Json to_json(const __VA_ARGS__&); \
  template std::string json_line(const __VA_ARGS__&)

GIVEN_OUT(AdjudicationItem);
GIVEN_OUT(AgentsPage);
GIVEN_OUT(AuditEntry);
GIVEN_OUT(Belief);
GIVEN_OUT(ClaimHistory);
GIVEN_OUT(CutHistory);
GIVEN_OUT(FeedBatch);
GIVEN_OUT(History);
GIVEN_OUT(Provenance);
GIVEN_OUT(Receipt);
GIVEN_OUT(ReconcileAnswer);
GIVEN_OUT(Segment);
GIVEN_OUT(Span);
GIVEN_OUT(Status);
GIVEN_OUT(Verification);
GIVEN_OUT(WriteAnswer);

GIVEN_OUT(Page<AdjudicationItem>);
GIVEN_OUT(Page<AuditEntry>);
GIVEN_OUT(Page<ContestedLine>);
GIVEN_OUT(Page<LineBelief>);
GIVEN_OUT(Page<LineKey>);
GIVEN_OUT(Page<LineageNode>);
GIVEN_OUT(Page<Serving>);
GIVEN_OUT(Page<std::string>);

GIVEN_OUT(Acknowledgement);
GIVEN_OUT(AnswerReport);
GIVEN_OUT(BackupReport);
GIVEN_OUT(CopyReport);
GIVEN_OUT(DuringAnswer);
GIVEN_OUT(FailureReport);
GIVEN_OUT(ExportReport);
GIVEN_OUT(ImportReport);
GIVEN_OUT(IngestReport);
GIVEN_OUT(InitReport);
GIVEN_OUT(LedgerVerification);
GIVEN_OUT(MigrationReport);
GIVEN_OUT(NotedHead);
GIVEN_OUT(RejectedLine);
GIVEN_OUT(RememberAnswer);
GIVEN_OUT(Remark);
GIVEN_OUT(RestoreReport);
GIVEN_OUT(ShortAnswer);
GIVEN_OUT(VerificationReport);

#undef GIVEN_OUT

}  // namespace claimledger::wiring
