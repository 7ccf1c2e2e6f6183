#include <utility>

#include "application/batch_sizer.hpp"
#include "application/read_entry.hpp"
#include "application/terms.hpp"
#include "application/use_cases.hpp"
#include "claimledger/ports/search_index.hpp"

// Filing the words of what is in a ledger already. Page by page, each in a transaction of its own, so that it may be
// broken off anywhere and goes on from there; others write between two pages, and what they write is filed here too
// until the index has caught up with them.
namespace claimledger::application {

namespace {

constexpr std::size_t most_at_once = 1'000;

class Reindexing {
 public:
  Reindexing(Context& context, SearchIndex& index, const ReindexRequest& request)
      : context_(context), index_(index), request_(request), limit_(16) {}

  ReindexAnswer run() {
    auto reach = index_.text_index(request_.agent, request_.call);
    if (request_.anew) reach = begin_anew(std::move(reach));
    while (!extend(reach)) {
      // Where somebody else moved it, this goes on from there.
      reach = index_.text_index(request_.agent, request_.call);
    }
    return {request_.agent, context_.recipe(), answer_at_, statements_};
  }

 private:
  // The index as it is then: empty, by this recipe, unless there was none.
  TextIndex begin_anew(TextIndex reach) {
    TextIndex empty{context_.recipe(), {}};
    while (reach != TextIndex{}) {
      const auto turn = context_.writers.acquire(request_.agent, request_.call);
      if (index_.extend(request_.agent, reach, empty, {}, request_.call)) return empty;
      reach = index_.text_index(request_.agent, request_.call);  // somebody else moved it
    }
    return reach;
  }

  // By one page. True: there is no more.
  bool extend(const TextIndex& reach) {
    // Writers of this engine wait meanwhile, so that it catches up with them.
    const auto turn = context_.writers.acquire(request_.agent, request_.call);
    const auto head = context_.store().head(request_.agent, request_.call).position;
    const bool goes_on = reach.recipe == context_.recipe();
    const auto from = goes_on ? reach.up_to : Position{};
    answer_at_ = from;
    if (from >= head && (goes_on || head == Position{})) return true;
    const EntryQuery query{.kinds = kinds_with_words(), .from = Position{from.value + 1}, .limit = limit_};
    const auto page = context_.store().entries(request_.agent, query, head, request_.call);
    std::vector<ContentTerms> contents;
    for (const auto& stored : page) {
      const auto record = read_entry(stored).record;
      if (record.content_state != ContentState::present) continue;
      contents.push_back({stored.seq, terms_of(terms_, stored.kind, record.content)});
    }
    const TextIndex after{context_.recipe(), page.size() < limit_ ? head : page.back().seq};
    if (!index_.extend(request_.agent, reach, after, contents, request_.call)) return false;
    statements_ += contents.size();
    if (!page.empty()) limit_ = BatchSizer::entries_after(page, most_at_once);
    if (request_.progress) request_.progress(after.up_to.value, head.value);
    return false;
  }

  Context& context_;
  SearchIndex& index_;
  const ReindexRequest& request_;
  search::TermMaker terms_{context_.analysis};
  std::size_t limit_;
  std::uint64_t statements_ = 0;
  Position answer_at_;
};

}  // namespace

ReindexAnswer reindex(Context& context, const ReindexRequest& request) {
  rules::admit_agent(request.agent);
  auto* index = context.store().search_index();
  if (index == nullptr) {
    throw StoreFailure(FailureKind::unsupported, "reindex",
                       "this store files no words, and a search reads what it searches");
  }
  return Reindexing(context, *index, request).run();
}

}  // namespace claimledger::application
