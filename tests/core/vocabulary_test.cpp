#include "claimledger/domain/vocabulary.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "claimledger/domain/entry.hpp"
#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

template <class Enum>
class Vocabulary : public testing::Test {};

using Enumerations = testing::Types<Cardinality, Provenance, Criticality, Disposition, Rationale, CutReason,
                                    TakenBackReason, NotApplied, Verdict, Closing, ReviewVerdict, Verb, OverturnPolicy,
                                    ClockSource, BeliefStatus, Currency, Marker, Granularity, FailureKind>;
TYPED_TEST_SUITE(Vocabulary, Enumerations);

TYPED_TEST(Vocabulary, EverySpellingComesBack) {
  const auto rows = spellings<TypeParam>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto value = static_cast<TypeParam>(i);
    EXPECT_EQ(text(value), rows[i]);
    EXPECT_EQ(parse<TypeParam>(rows[i]), value);
  }
}

TYPED_TEST(Vocabulary, NoTwoSpellingsAreEqualOrEmpty) {
  const auto rows = spellings<TypeParam>();
  const std::set<std::string_view> different(rows.begin(), rows.end());
  EXPECT_EQ(different.size(), rows.size());
  EXPECT_FALSE(different.contains(""));
}

TYPED_TEST(Vocabulary, UnknownTextGivesNothing) {
  for (const auto spelling : spellings<TypeParam>()) {
    auto other = std::string(spelling);
    other[0] = static_cast<char>(other[0] ^ 0x20);  // the other case
    EXPECT_EQ(parse<TypeParam>(other), std::nullopt) << other;
    EXPECT_EQ(parse<TypeParam>(std::string(spelling) + " "), std::nullopt);
  }
  EXPECT_EQ(parse<TypeParam>(""), std::nullopt);
  EXPECT_EQ(parse<TypeParam>("nonsense"), std::nullopt);
}

TEST(VocabularyText, IsTheFieldsOwn) {
  EXPECT_EQ(text(Cardinality::set_valued), "SetValued");
  EXPECT_EQ(text(Disposition::queued_for_adjudication), "QueuedForAdjudication");
  EXPECT_EQ(text(Disposition::pending_low_confidence), "PendingLowConfidence");
  EXPECT_EQ(text(Rationale::incoherent_window), "incoherent_window");
  EXPECT_EQ(text(Rationale::no_longer_contradicted), "no_longer_contradicted");
  EXPECT_EQ(text(BeliefStatus::timing_uncertain), "TimingUncertain");
  EXPECT_EQ(text(Currency::aging_unconfirmed), "AgingUnconfirmed");
  EXPECT_EQ(text(Marker::low_derivation_anchor), "LowDerivationAnchor");
  EXPECT_EQ(text(CutReason::stated_end), "stated_end");
  EXPECT_EQ(text(TakenBackReason::denial), "denial");
  EXPECT_EQ(text(NotApplied::cardinality), "cardinality");
  EXPECT_EQ(text(OverturnPolicy::newest_first_hand_wins), "newest_first_hand_wins");
  EXPECT_EQ(text(Closing::expired), "Expired");
  EXPECT_EQ(text(Verb::adjudicate), "adjudicate");
  EXPECT_EQ(text(FailureKind::in_doubt), "in_doubt");
  EXPECT_EQ(text(Granularity::instant), "instant");
}

TEST(VocabularyText, ProvenanceIsReadInThreeForms) {
  for (const auto* form : {"UserAsserted", "External/UserAsserted", "External:UserAsserted"}) {
    EXPECT_EQ(parse_provenance(form), Provenance::user_asserted) << form;
  }
  for (const auto* form : {"ExternalFirstHand", "External/ExternalFirstHand", "External:ExternalFirstHand"}) {
    EXPECT_EQ(parse_provenance(form), Provenance::external_first_hand) << form;
  }
  EXPECT_EQ(parse_provenance("ModelDerived"), Provenance::model_derived);
  EXPECT_EQ(parse_provenance("RecallReEntry"), Provenance::recall_reentry);
  for (const auto* form : {"External", "External/", "External/ModelDerived", "External:RecallReEntry",
                           "external/UserAsserted", "External/External/UserAsserted", ""}) {
    EXPECT_EQ(parse_provenance(form), std::nullopt) << form;
  }
}

TEST(EntryKinds, AreNamedLikeTheirTypes) {
  EXPECT_EQ(entry_kinds().size(), std::variant_size_v<Entry>);
  EXPECT_EQ(kind_text(ClaimRecorded{}), "ClaimRecorded");
  EXPECT_EQ(kind_text(Corroborated{}), "Corroborated");
  EXPECT_EQ(kind_text(Echoed{}), "Echoed");
  EXPECT_EQ(kind_text(RecallReEntryDetected{}), "RecallReEntryDetected");
  EXPECT_EQ(kind_text(RecallBurst{}), "RecallBurst");
  EXPECT_EQ(kind_text(Ended{}), "Ended");
  EXPECT_EQ(kind_text(TakenBack{}), "TakenBack");
  EXPECT_EQ(kind_text(Reopened{}), "Reopened");
  EXPECT_EQ(kind_text(Judged{}), "Judged");
  EXPECT_EQ(kind_text(ReviewMarked{}), "ReviewMarked");
  EXPECT_EQ(kind_text(ReviewSettled{}), "ReviewSettled");
  EXPECT_EQ(kind_text(AdjudicationOpened{}), "AdjudicationOpened");
  EXPECT_EQ(kind_text(AdjudicationClosed{}), "AdjudicationClosed");
  EXPECT_EQ(kind_text(Served{}), "Served");
  EXPECT_EQ(kind_text(Rejected{}), "Rejected");
  EXPECT_EQ(kind_text(Tombstone{}), "Tombstone");
}

TEST(EntryKinds, OnlyDecisionsCarryADisposition) {
  EXPECT_EQ(disposition_of(ClaimRecorded{.disposition = Disposition::contested}), Disposition::contested);
  EXPECT_EQ(disposition_of(Ended{}), Disposition::invalidated);
  EXPECT_EQ(disposition_of(Reopened{}), Disposition::reinstated);
  EXPECT_EQ(disposition_of(Judged{.disposition = Disposition::contested}), Disposition::contested);
  EXPECT_EQ(disposition_of(AdjudicationClosed{.disposition = Disposition::contested}), Disposition::contested);
  for (const Entry& attempt : std::initializer_list<Entry>{
           Corroborated{}, Echoed{}, RecallReEntryDetected{}, RecallBurst{}, ReviewMarked{}, ReviewSettled{},
           AdjudicationOpened{}, AdjudicationClosed{}, Served{}, Rejected{}, Tombstone{}}) {
    EXPECT_EQ(disposition_of(attempt), std::nullopt) << kind_text(attempt);
  }
}

TEST(EntryKinds, EveryEntryButServingsAndTombstonesIsAboutAClaim) {
  const ClaimId id{make_uuid_v7(Instant{}, "0123456789abcdef")};
  Claim claim;
  claim.id = id;
  EXPECT_EQ(claim_of(ClaimRecorded{.claim = claim}), id);
  EXPECT_EQ(claim_of(Corroborated{.stated = claim}), id);
  EXPECT_EQ(claim_of(TakenBack{.claim = id}), id);
  EXPECT_EQ(claim_of(TakenBack{}), std::nullopt);
  EXPECT_EQ(claim_of(AdjudicationOpened{.claim = id}), id);
  EXPECT_EQ(claim_of(Rejected{.claim = id}), id);
  EXPECT_EQ(claim_of(Rejected{}), std::nullopt);
  EXPECT_EQ(claim_of(Served{.claims = {id}}), std::nullopt);
  EXPECT_EQ(claim_of(Tombstone{}), std::nullopt);
}

}  // namespace
}  // namespace claimledger
