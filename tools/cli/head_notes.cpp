#include "cli/head_notes.hpp"

#include <filesystem>

#include "cli/common.hpp"
#include "cli/json_lines.hpp"

namespace claimledger::cli {

HeadNotes::HeadNotes(const Session& session, const std::string& path) : file_(session, path, "--head-file") {
  if (std::filesystem::exists(path)) read(path);
}

void HeadNotes::read(const std::string& path) {
  JsonLines lines(path);
  try {
    for (std::string line; lines.next(line);) {
      const auto head = wiring::parse_request<wiring::NotedHead>(line);
      if (!noted_.try_emplace(head.agent, head.position, head.hash).second)
        throw InvalidInput("agent", "is noted twice");
    }
  } catch (const InvalidInput& wrong) {
    throw InvalidInput("--head-file", path + ", line " + std::to_string(lines.number()) + ": " + wrong.field() + " " +
                                          wrong.why() + "; it is no file of noted heads");
  }
}

std::string HeadNotes::fault(const Engine& engine, const AgentId& agent, Position position) const {
  const auto found = noted_.find(agent);
  if (found == noted_.end()) return "";
  const auto& [end, hash] = found->second;
  if (position < end)
    return "it ends at entry " + std::to_string(position.value) + ", and entry " + std::to_string(end.value) +
           " was noted: its end was cut off, or an older copy is in its place";
  const auto now = engine.head({.agent = agent, .moment = end});
  if (now.position == end && now.hash == hash) return "";
  return "it is another history than the one whose entry " + std::to_string(end.value) + " was noted";
}

void HeadNotes::save() {
  for (const auto& [agent, head] : noted_)
    file_.write(wiring::json_line(wiring::NotedHead{agent, head.first, head.second}) + "\n");
  file_.commit();
}

}  // namespace claimledger::cli
