#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

// Each client of each run has a ledger of its own, whose chain it makes up from the number of the call, so that the
// head check passes without a look. Wrong outcomes divide by zero.
std::string pgbench_script(const std::string& schema, int run) {
  const auto client = "'pgbench " + std::to_string(run) + " ' || :client_id::TEXT";
  const auto claim = "md5(:client_id::TEXT || ' claim ' || :n::TEXT)::UUID";
  return R"(\set n :n + 1
SELECT 1 / (part = 'done')::INT FROM ")" +
         schema + R"(".append_1(
  ")" + schema +
         R"(".agent_key()" + client + "), " + client + R"(, sha256(int8send(0)), '5000', false, false,
  :n::BIGINT - 1, :n::BIGINT - 1, sha256(int8send(:n::BIGINT - 1)),
  ARRAY[md5(:client_id::TEXT || ' batch ' || :n::TEXT)::UUID], ARRAY[:n::BIGINT], '{0}', '{""}', '{1}', '{1}',
  ARRAY['person ' || :n::TEXT], '{lives_in}', '{0}', true, 1, '{0}', '{}', '{}',
  '{16}', '{0}', '{1}', ARRAY[)" +
         claim + R"(], '{t}', ARRAY[NULL]::UUID[], ARRAY[NULL]::BIGINT[],
  ARRAY[decode(repeat('62', 103), 'hex')], ARRAY[sha256(int8send(:n::BIGINT))],
  ARRAY[decode(repeat('73', 16), 'hex')], ARRAY[decode(repeat('63', 80), 'hex')], '{the register of residents}',
  ARRAY[NULL]::BYTEA[], '{}', '{}', '{}', '{}',
  '', '{}', '{}', '{}', '{}', '{}', '', 0, '', false, '{}', '{}');
)";
}

}  // namespace claimledger::benchmarks
