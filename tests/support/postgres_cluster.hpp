#pragma once

#include <string>
#include <vector>

// A throw-away Postgres of a test's own, by postgres_cluster.sh; gone with the object or with the process that made it.
namespace claimledger::tests {

class Cluster {
 public:
  // The options of `start`. Without such a server the cluster is not there: a test then skips.
  explicit Cluster(const std::string& options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  explicit operator bool() const { return !folder_.empty(); }

  const std::string& folder() const { return folder_; }
  // A connection string: by the plain road, or "tcp", "tls", "any", "standby", "bouncer", "linguistic".
  std::string connection(const std::string& road = "") const;

  // Of a node: "primary", "standby" or "bouncer". Each returns when it is so.
  void up(const std::string& node) const { script("up", node); }
  void down(const std::string& node) const { script("down", node); }
  void kill(const std::string& node) const { script("kill", node); }
  void restart(const std::string& node) const { script("restart", node); }
  void promote() const { script("promote", ""); }

 private:
  void script(const std::string& verb, const std::string& node) const;

  std::string folder_;
};

// The server that CTest shares between tests.
std::string shared_server();

// The first column of a statement's answer, row by row, on a plain connection.
std::vector<std::string> ask(const std::string& connection, const std::string& sql);
// The one answer; empty when there is none.
std::string ask_one(const std::string& connection, const std::string& sql);

}  // namespace claimledger::tests
