#include "picture.hpp"

#include <sstream>

namespace claimledger::property {

namespace {

std::string in_words(const std::vector<Span>& spans) {
  std::string all;
  for (const auto& span : spans) all += (all.empty() ? "" : " ") + in_days(span);
  return all.empty() ? "nothing" : all;
}

std::string in_words(const ClaimPicture& claim) {
  std::ostringstream out;
  out << "says";
  for (const auto& statement : claim.statements) out << ' ' << statement;
  if (claim.live) out << "; base " << claim.base;
  if (claim.live) out << "; holds " << claim.validity;
  if (!claim.live) out << "; parked";
  if (claim.waits) out << "; waits";
  if (claim.queued) out << ", queued";
  if (!claim.follows.empty()) out << "; follows";
  for (const auto& followed : claim.follows) out << ' ' << followed;
  return out.str();
}

}  // namespace

std::string Picture::at(ValidTime instant) const {
  for (const auto& [span, answer] : line)
    if (span.from <= instant && instant < span.until) return answer;
  return {};
}

Picture picture_of(const Model& model, std::size_t steps) {
  const auto& line = model.after(steps);
  const auto& axis = line.axis();
  Picture picture{.line = stretches_of(line)};
  for (const auto& claim : line.claims) {
    auto& drawn = picture.claims[model.name(claim.id)];
    for (const auto statement : claim.statements) drawn.statements.insert(model.story().steps[statement].name);
    drawn.live = claim.counts.has_value();
    if (drawn.live) drawn.base = in_words(axis.spans(line.base(claim)));
    if (drawn.live) drawn.validity = in_words(axis.spans(line.validity(claim)));
    drawn.waits = claim.counts && line.waits(claim);
    drawn.queued = drawn.waits && model.asked(claim.id, steps);
    for (const auto followed : claim.follows) drawn.follows.insert(model.name(followed));
  }
  return picture;
}

std::optional<std::string> difference(const std::string& ours, const Picture& a, const std::string& theirs,
                                      const Picture& b) {
  std::ostringstream out;
  if (a.line != b.line)
    out << "\n    line, " << ours << ":   " << in_words(a.line) << "\n    line, " << theirs << ":   "
        << in_words(b.line);
  std::set<std::string> names;
  for (const auto& [name, claim] : a.claims) names.insert(name);
  for (const auto& [name, claim] : b.claims) names.insert(name);
  for (const auto& name : names) {
    const auto left = a.claims.find(name);
    const auto right = b.claims.find(name);
    const auto tell = [&](const Picture& picture, auto found) {
      return found == picture.claims.end() ? "gone" : in_words(found->second);
    };
    if (left != a.claims.end() && right != b.claims.end() && left->second == right->second) continue;
    out << "\n    " << name << ", " << ours << ":   " << tell(a, left) << "\n    " << name << ", " << theirs << ":   "
        << tell(b, right);
  }
  const auto all = out.str();
  return all.empty() ? std::nullopt : std::optional(all);
}

Picture drawn_by_model(const Story& story) { return picture_of(Model(story), story.steps.size()); }

}  // namespace claimledger::property
