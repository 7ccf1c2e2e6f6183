#include "search/syntax.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace claimledger::search {
namespace {

constexpr std::array<std::string_view, 4> quotes = {"\"", "\u201C", "\u201D", "\u201E"};

struct FieldName {
  Field field;
  std::string_view name;
};
constexpr std::array field_names = {FieldName{Field::subject, "subject"}, FieldName{Field::predicate, "predicate"},
                                    FieldName{Field::value, "value"}, FieldName{Field::source, "source"}};

bool is_blank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '\0'; }

std::size_t length_of_quote(std::string_view text) {
  for (const auto& quote : quotes)
    if (text.starts_with(quote)) return quote.size();
  return 0;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

struct Token {
  enum class Kind { open, close, exclude, both, either, words, prefix, phrase };
  Kind kind = Kind::words;
  std::optional<Field> field = {};
  std::string_view text = {};
};

// Cuts a question into tokens.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  std::optional<Token> next() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return {};
    if (rest_.front() == '-' && rest_.size() > 1 && rest_[1] != '-' && !is_blank(rest_[1])) {
      rest_.remove_prefix(1);
      return Token{Token::Kind::exclude};
    }
    const auto field = take_field();
    if (rest_.front() == '(' || rest_.front() == ')') {
      const auto kind = rest_.front() == '(' ? Token::Kind::open : Token::Kind::close;
      rest_.remove_prefix(1);
      return Token{kind, field};
    }
    if (const auto length = length_of_quote(rest_); length > 0) {
      rest_.remove_prefix(length);
      return Token{Token::Kind::phrase, field, take_phrase()};
    }
    return word(field);
  }

 private:
  // "subject:" where something follows it.
  std::optional<Field> take_field() {
    for (const auto& [field, name] : field_names) {
      const auto length = name.size() + 1;
      if (rest_.size() <= length || rest_[name.size()] != ':' || is_blank(rest_[length])) continue;
      if (rest_[length] == ')' || !same_but_for_case(rest_.substr(0, name.size()), name)) continue;
      rest_.remove_prefix(length);
      return field;
    }
    return {};
  }

  std::string_view take_phrase() {
    std::size_t end = 0;
    while (end < rest_.size() && length_of_quote(rest_.substr(end)) == 0) ++end;
    const auto phrase = rest_.substr(0, end);
    rest_.remove_prefix(end);
    rest_.remove_prefix(length_of_quote(rest_));
    return phrase;
  }

  Token word(std::optional<Field> field) {
    std::size_t end = 0;
    while (end < rest_.size() && !is_blank(rest_[end]) && rest_[end] != '(' && rest_[end] != ')' &&
           length_of_quote(rest_.substr(end)) == 0)
      ++end;
    auto text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!field && text == "AND") return {Token::Kind::both};
    if (!field && text == "OR") return {Token::Kind::either};
    if (!field && text == "NOT") return {Token::Kind::exclude};
    const bool prefix = text.ends_with('*');
    while (text.ends_with('*')) text.remove_suffix(1);
    return {prefix ? Token::Kind::prefix : Token::Kind::words, field, text};
  }

  std::string_view rest_;
};

// What is read of one pair of parentheses: alternatives, each of one thing or of several joined by AND.
struct Group {
  std::optional<Field> field = {};
  std::vector<std::vector<Node>> alternatives = {};
  bool joins_next = false;
  bool excludes_next = false;

  void add(Node node) {
    node.excluded = node.excluded != std::exchange(excludes_next, false);
    const bool joins = std::exchange(joins_next, false);
    if (joins && !alternatives.empty()) {
      alternatives.back().push_back(std::move(node));
    } else {
      alternatives.emplace_back().push_back(std::move(node));
    }
  }
};

bool all_excluded(const std::vector<Node>& nodes) { return std::ranges::all_of(nodes, &Node::excluded); }

// One node for what a group holds; absent for an empty one. A list of nothing but exclusions is the exclusion of any
// of them, so that excluding it once more asks for them.
std::optional<Node> node_of(Group group) {
  Node any{Node::Kind::any};
  for (auto& alternative : group.alternatives) {
    if (alternative.size() == 1 || all_excluded(alternative)) {
      std::ranges::move(alternative, std::back_inserter(any.children));
    } else {
      any.children.push_back({Node::Kind::all, false, {}, {}, std::move(alternative)});
    }
  }
  if (any.children.empty()) return {};
  if (any.children.size() == 1) return std::move(any.children.front());
  if (all_excluded(any.children)) {
    for (auto& child : any.children) child.excluded = false;
    any.excluded = true;
  }
  return any;
}

class Parser {
 public:
  void take(const Token& token) {
    switch (token.kind) {
      case Token::Kind::open:
        return open(token.field);
      case Token::Kind::close:
        return close();
      case Token::Kind::exclude:
        groups_.back().excludes_next = !groups_.back().excludes_next;
        return;
      case Token::Kind::both:
        groups_.back().joins_next = true;
        return;
      case Token::Kind::either:
        groups_.back().joins_next = false;
        return;
      case Token::Kind::words:
        return add(Node::Kind::words, token);
      case Token::Kind::prefix:
        return add(Node::Kind::prefix, token);
      case Token::Kind::phrase:
        return add(Node::Kind::phrase, token);
    }
  }

  Node root() {
    while (groups_.size() > 1) close_group();
    auto node = node_of(std::move(groups_.front()));
    if (node && node->kind == Node::Kind::any && !node->excluded) return std::move(*node);
    Node root{Node::Kind::any};
    if (node) root.children.push_back(std::move(*node));
    return root;
  }

 private:
  void open(std::optional<Field> field) {
    if (groups_.size() > deepest_nesting) {
      ++unseen_;
      return;
    }
    const auto inherited = field ? field : groups_.back().field;
    groups_.push_back({inherited});
  }

  void close() {
    if (unseen_ > 0) {
      --unseen_;
    } else if (groups_.size() > 1) {
      close_group();
    }
  }

  void close_group() {
    auto node = node_of(std::move(groups_.back()));
    groups_.pop_back();
    if (node) {
      groups_.back().add(std::move(*node));
    } else {
      groups_.back().excludes_next = false;
    }
  }

  void add(Node::Kind kind, const Token& token) {
    auto& group = groups_.back();
    if (token.text.empty()) {
      group.excludes_next = false;
      return;
    }
    group.add({kind, false, token.field ? token.field : group.field, std::string(token.text), {}});
  }

  std::vector<Group> groups_{1};
  std::size_t unseen_ = 0;  // parentheses that are open, and deeper than what is seen
};

std::string_view name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::any:
      return "any";
    case Node::Kind::all:
      return "all";
    case Node::Kind::words:
      return "words";
    case Node::Kind::prefix:
      return "prefix";
    case Node::Kind::phrase:
      return "phrase";
  }
  return {};
}

std::string_view name(Field field) { return std::ranges::find(field_names, field, &FieldName::field)->name; }

}  // namespace

Node parse(std::string_view question) {
  Tokens tokens(question);
  Parser parser;
  while (const auto token = tokens.next()) parser.take(*token);
  return parser.root();
}

std::string wanted_text(const Node& root) {
  if (root.excluded) return {};
  std::string wanted = root.text;
  for (const auto& child : root.children) {
    const auto more = wanted_text(child);
    if (!wanted.empty() && !more.empty()) wanted += ' ';
    wanted += more;
  }
  return wanted;
}

std::string text(const Node& node) {
  auto line = (node.excluded ? "not " : "") + std::string(name(node.kind));
  if (node.field) line += " in " + std::string(name(*node.field));
  if (node.kind != Node::Kind::any && node.kind != Node::Kind::all) return line + ":" + node.text;
  line += '(';
  for (const auto& child : node.children) line += (line.back() == '(' ? "" : ", ") + text(child);
  return line + ")";
}

}  // namespace claimledger::search
