#include "pgvector.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "appending.hpp"
#include "rows.hpp"
#include "vector_table.hpp"

namespace claimledger::postgres::pgvector {

namespace {

// With this many at once a writer of the agent waits a tenth of a second.
constexpr std::int64_t extended_at_once = 512;

// Without numbers; more are sooner read than compared one by one. As in read_nearest_1.
constexpr std::uint64_t tolerated = 1024;

std::uint64_t count_column(const Rows& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

double product_column(const Rows& row, int column) {
  const auto text = row.text(column);
  double product = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), product);
  if (error != std::errc() || end != text.data() + text.size()) return std::numeric_limits<double>::infinity();
  return product;
}

// pgvector adds up n products as floats, in whatever order. Each of the n roundings of products and n - 1 of sums loses
// at most half a unit in the last place: together at most n u / (1 - n u) times the sum of the products' sizes, u being
// 2^-24, and that sum is at most 1 for vectors of length 1 (Cauchy and Schwarz; Higham, Accuracy and Stability of
// Numerical Algorithms, 3.1). Their lengths are 1 within a millionth, n is at most 4,096, and products that underflow
// lose less than 2^-137: a hundredth more is more than enough for all of that.
double most_error(std::uint32_t dimensions) { return 1.01 * dimensions * 0x1p-24; }

std::string few(const Options& options, std::uint64_t vectors) {
  const auto there = vectors == 1 ? "there is 1 vector" : "there are " + std::to_string(vectors) + " vectors";
  return there + ", and fewer than " + std::to_string(options.pgvector_from) + " are as soon read";
}

std::string behind(const std::string& how_many) {
  return how_many + " vectors are not ready for pgvector; run `claimledger embed`";
}

[[noreturn]] void refuse(const Reader& reader, FailureKind kind, const std::string& why) {
  throw StoreFailure(kind, reader.operation, "vectors have to be compared in the database (pgvector=required): " + why);
}

std::string remedy(const Rows& row) {
  const auto available = row.null(0) ? "" : std::string(row.text(0));
  const auto created = row.null(1) ? "" : std::string(row.text(1));
  const bool recent = row.flag(2), usable = row.flag(3), has_column = row.flag(4);
  if (created.empty() && available.empty())
    return "pgvector is not installed on this server; install 0.8 or newer there, run CREATE EXTENSION vector in this "
           "database, then `claimledger migrate`";
  if (created.empty())
    return "pgvector " + available +
           " is installed on this server but not created in this database; run CREATE EXTENSION vector, then "
           "`claimledger migrate`";
  if (!recent)
    return "pgvector " + created +
           " is older than 0.8; install a newer one, run ALTER EXTENSION vector UPDATE, then "
           "`claimledger migrate`";
  if (!usable)
    return "this role may not use the schema or the type of pgvector " + created +
           "; grant it and the owner of the ledger USAGE on the schema, then run `claimledger migrate`";
  if (!has_column) return "pgvector " + created + " was created after this ledger; run `claimledger migrate`";
  return "";
}

}  // namespace

Here look(const Reader& reader) {
  auto row = reader.ask(Query::pgvector, Parameters(quoted(reader.database.options().schema)));
  row.next();
  if (auto missing = remedy(row); !missing.empty()) return {false, std::move(missing)};
  return {true, "pgvector " + std::string(row.text(1))};
}

void require(const Reader& reader) {
  if (reader.database.options().pgvector != Pgvector::required) return;
  if (const auto here = look(reader); !here.compares) refuse(reader, FailureKind::incompatible, here.detail);
}

Nearest nearest(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query,
                const std::function<void(const FiledVector&)>& visit) {
  const auto& options = reader.database.options();
  if (options.pgvector == Pgvector::never) return {.why_not = "this store is opened with pgvector=never"};
  auto numbers = Array::floats();
  for (const auto number : query.question) numbers.add_float(number);
  Parameters all(agent_key(agent));
  vector_table::add(all, model);
  all.add(numbers);
  all.add(query.at);
  all.add(Position{query.among.value_or(std::numeric_limits<std::uint64_t>::max())});
  all.add(reading::count(options.pgvector_from));
  all.add(reading::count(query.most));
  auto row = reader.ask(Query::read_nearest, all);
  if (!row.next()) return {};
  const auto state = row.text(4);
  Nearest found{.model = FiledModel{model, position_column(row, 1), count_column(row, 0), count_column(row, 2)},
                .compared = count_column(row, 3)};
  if (state == "few") found.why_not = few(options, found.compared);
  if (state == "behind") found.why_not = behind("more than " + std::to_string(tolerated));
  if (state == "unprepared") found.why_not = look(reader).detail;
  if (!found.why_not.empty()) {
    if (options.pgvector == Pgvector::required && state != "few") {
      refuse(reader, FailureKind::incompatible, found.why_not);
    }
    return found;
  }
  std::size_t by_product = 0;
  double least = std::numeric_limits<double>::infinity();
  while (row.next()) {
    visit({count_column(row, 0), position_column(row, 1), row.bytes(6)});
    if (row.null(5)) continue;
    ++by_product;
    least = std::min(least, product_column(row, 5));
  }
  if (options.compared && by_product > 0) ++*options.compared;
  if (by_product >= query.most) found.others_at_most = least + most_error(model.dimensions);
  return found;
}

void read_vectors_of(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                     std::span<const Position> entries, const std::function<void(const FiledVector&)>& visit) {
  auto seqs = Array::integers();
  for (const auto entry : entries) seqs.add(number(entry));
  Parameters all(agent_key(agent));
  vector_table::add(all, model);
  all.add(Position{among});
  all.borrow(seqs);
  auto row = reader.ask(Query::read_vectors_of, all);
  while (row.next()) visit({count_column(row, 0), position_column(row, 1), row.bytes(2)});
}

std::optional<std::uint64_t> extend(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                                    std::uint64_t after) {
  const auto& options = reader.database.options();
  if (options.pgvector == Pgvector::never) return std::nullopt;
  Parameters all(agent_key(agent), appending::lock_timeout(reader.database, reader.call));
  vector_table::add(all, model);
  all.add(reading::count(options.pgvector_from));
  all.add(Position{after});
  all.add(extended_at_once);
  auto row = reader.ask(Query::append_nearest, all);
  if (!row.next() || row.null(0)) return std::nullopt;
  return count_column(row, 0);
}

Comparing comparing(const Reader& reader, const AgentId& agent, const EmbeddingModel& model) {
  const auto& options = reader.database.options();
  if (options.pgvector == Pgvector::never) return {false, "this store is opened with pgvector=never"};
  const auto here = look(reader);
  if (!here.compares) return {false, here.detail};
  const auto models = vector_table::models(reader, agent);
  const auto filed = std::ranges::find(models, model, &FiledModel::model);
  const auto vectors = filed == models.end() ? 0 : filed->filed - filed->erased;
  if (vectors < options.pgvector_from) return {false, few(options, vectors)};
  Parameters all(agent_key(agent));
  vector_table::add(all, model);
  auto row = reader.ask(Query::uncompared, all);
  if (!row.next() || row.null(0)) return {false, "the column is gone that vectors had; run `claimledger migrate`"};
  const auto uncompared = count_column(row, 0);
  if (uncompared > tolerated) return {false, behind(std::to_string(uncompared))};
  return {true, here.detail + (uncompared == 0 ? "" : "; " + behind(std::to_string(uncompared)))};
}

}  // namespace claimledger::postgres::pgvector
