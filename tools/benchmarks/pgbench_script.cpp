#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

// Each client of each run has a ledger of its own, whose chain it makes up from the number of the call, so that the
// head check passes without a look. Wrong outcomes divide by zero.
std::string pgbench_script(const std::string& schema, int run) {
  const auto client = "'pgbench " + std::to_string(run) + " ' || :client_id::TEXT";
  return R"(\set n :n + 1
SELECT 1 / (outcome = 'done')::INT FROM ")" +
         schema + R"(".append_batch(
  ")" + schema +
         R"(".agent_key()" + client + "), " + client + R"(, sha256(int8send(0)),
  :n::BIGINT - 1, :n::BIGINT - 1, sha256(int8send(:n::BIGINT - 1)), true, '5000',
  md5(:client_id::TEXT || ' batch ' || :n::TEXT)::UUID, :n::BIGINT, 'engine', '', 1,
  '{}', ARRAY[md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID], '{1}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', ARRAY['person ' || :n::TEXT], '{lives_in}', '{1}', '{ClaimRecorded}', '{CommittedCheap}', '{1}',
  ARRAY[md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID], ARRAY[NULL]::UUID[],
  ARRAY[decode(repeat('62', 103), 'hex')], ARRAY[sha256(int8send(:n::BIGINT))], '{1}',
  ARRAY[decode(repeat('73', 16), 'hex')], ARRAY[decode(repeat('63', 80), 'hex')], '{the register of residents}', '{}',
  '{}', '{}', '{}', '{}');
)";
}

}  // namespace claimledger::benchmarks
