#include <nlohmann/json.hpp>

#include <variant>

#include "wiring/hidden.hpp"
#include "wiring/json.hpp"
#include "wiring/shapes/answers.hpp"
#include "wiring/shapes/reports.hpp"
#include "wiring/shapes/requests.hpp"
#include "wiring/shapes/search.hpp"

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
Json json_of(Score score) { return score.number(); }
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

#define CLAIMLEDGER_GIVEN_OUT(...)           \
  template Json to_json(const __VA_ARGS__&); \
  template std::string json_line(const __VA_ARGS__&)

CLAIMLEDGER_GIVEN_OUT(AdjudicationItem);
CLAIMLEDGER_GIVEN_OUT(AgentsPage);
CLAIMLEDGER_GIVEN_OUT(AuditEntry);
CLAIMLEDGER_GIVEN_OUT(Belief);
CLAIMLEDGER_GIVEN_OUT(ClaimHistory);
CLAIMLEDGER_GIVEN_OUT(CutHistory);
CLAIMLEDGER_GIVEN_OUT(FeedBatch);
CLAIMLEDGER_GIVEN_OUT(History);
CLAIMLEDGER_GIVEN_OUT(Provenance);
CLAIMLEDGER_GIVEN_OUT(Receipt);
CLAIMLEDGER_GIVEN_OUT(ReconcileAnswer);
CLAIMLEDGER_GIVEN_OUT(ContextAnswer);
CLAIMLEDGER_GIVEN_OUT(SearchAnswer);
CLAIMLEDGER_GIVEN_OUT(Segment);
CLAIMLEDGER_GIVEN_OUT(Span);
CLAIMLEDGER_GIVEN_OUT(Status);
CLAIMLEDGER_GIVEN_OUT(Timeline);
CLAIMLEDGER_GIVEN_OUT(Verification);
CLAIMLEDGER_GIVEN_OUT(WriteAnswer);

CLAIMLEDGER_GIVEN_OUT(Page<AdjudicationItem>);
CLAIMLEDGER_GIVEN_OUT(Page<AuditEntry>);
CLAIMLEDGER_GIVEN_OUT(Page<ContestedLine>);
CLAIMLEDGER_GIVEN_OUT(Page<LineBelief>);
CLAIMLEDGER_GIVEN_OUT(Page<LineKey>);
CLAIMLEDGER_GIVEN_OUT(Page<LineageNode>);
CLAIMLEDGER_GIVEN_OUT(Page<Serving>);
CLAIMLEDGER_GIVEN_OUT(Page<std::string>);

CLAIMLEDGER_GIVEN_OUT(Acknowledgement);
CLAIMLEDGER_GIVEN_OUT(AnswerReport);
CLAIMLEDGER_GIVEN_OUT(BackupReport);
CLAIMLEDGER_GIVEN_OUT(CopyReport);
CLAIMLEDGER_GIVEN_OUT(FailureReport);
CLAIMLEDGER_GIVEN_OUT(ExportReport);
CLAIMLEDGER_GIVEN_OUT(ExportedVectors);
CLAIMLEDGER_GIVEN_OUT(ImportReport);
CLAIMLEDGER_GIVEN_OUT(IngestReport);
CLAIMLEDGER_GIVEN_OUT(InitReport);
CLAIMLEDGER_GIVEN_OUT(LedgerVerification);
CLAIMLEDGER_GIVEN_OUT(MigrationReport);
CLAIMLEDGER_GIVEN_OUT(NotedHead);
CLAIMLEDGER_GIVEN_OUT(RejectedLine);
CLAIMLEDGER_GIVEN_OUT(RememberAnswer);
CLAIMLEDGER_GIVEN_OUT(Remark);
CLAIMLEDGER_GIVEN_OUT(RestoreReport);
CLAIMLEDGER_GIVEN_OUT(ShortAnswer);
CLAIMLEDGER_GIVEN_OUT(StatementVector);
CLAIMLEDGER_GIVEN_OUT(StatusReport);
CLAIMLEDGER_GIVEN_OUT(DropVectorsAnswer);
CLAIMLEDGER_GIVEN_OUT(EmbedReport);
CLAIMLEDGER_GIVEN_OUT(DoctorReport);
CLAIMLEDGER_GIVEN_OUT(ReindexReport);
CLAIMLEDGER_GIVEN_OUT(QuestionVector);
CLAIMLEDGER_GIVEN_OUT(VectorsReport);
CLAIMLEDGER_GIVEN_OUT(float);
CLAIMLEDGER_GIVEN_OUT(VerificationReport);

#undef CLAIMLEDGER_GIVEN_OUT

}  // namespace claimledger::wiring
