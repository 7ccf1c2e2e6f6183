#include "cli/head_notes.hpp"

#include <filesystem>

#include "cli/common.hpp"
#include "cli/json_lines.hpp"

namespace claimledger::cli {

HeadNotes::HeadNotes(const Session& session, const std::string& path, bool accept)
    : path_(path), accept_(accept), file_(session, path, "--head-file"), noted_(read()) {}

HeadNotes::Heads HeadNotes::read() const {
  Heads heads;
  if (!std::filesystem::exists(path_)) return heads;
  if (!std::filesystem::is_regular_file(path_))
    throw InvalidInput("--head-file", path_ + " is no file, and could not be written anew");
  JsonLines lines(path_);
  const auto refuse = [&](const std::string& why) {
    throw InvalidInput("--head-file", path_ + why + "; it is no file of noted heads");
  };
  try {
    for (std::string line; lines.next(line);) {
      const auto head = wiring::parse_request<wiring::NotedHead>(line);
      if (!heads.try_emplace(head.agent, head.position, head.hash).second)
        throw InvalidInput("agent", "is noted twice");
    }
  } catch (const InvalidInput& wrong) {
    refuse(", line " + std::to_string(lines.number()) + ": " + wrong.field() + " " + wrong.why());
  }
  // Whoever emptied it would have nothing compared.
  if (heads.empty() && lines.size()) refuse(" holds no note");
  return heads;
}

std::string HeadNotes::fault(const Engine& engine, const AgentId& agent, Position position) const {
  const auto found = noted_.find(agent);
  if (found == noted_.end() || accept_) return "";
  const auto& [end, hash] = found->second;
  const auto* if_meant = "; where that was meant, as after a restore, --accept notes it anew";
  if (position < end)
    return "it ends at entry " + std::to_string(position.value) + ", and entry " + std::to_string(end.value) +
           " was noted: its end was cut off, or an older copy is in its place" + if_meant;
  const auto now = engine.head({.agent = agent, .moment = end});
  if (now.position == end && now.hash == hash) return "";
  return "it is another history than the one whose entry " + std::to_string(end.value) + " was noted" + if_meant;
}

void HeadNotes::save() {
  auto heads = read();
  for (const auto& [agent, head] : found_whole_) heads[agent] = head;
  for (const auto& agent : gone_)
    if (heads.size() > 1) heads.erase(agent);  // an emptied file would let everything pass
  for (const auto& [agent, head] : heads)
    file_.write(wiring::json_line(wiring::NotedHead{agent, head.first, head.second}) + "\n");
  if (!heads.empty()) file_.commit();
}

}  // namespace claimledger::cli
