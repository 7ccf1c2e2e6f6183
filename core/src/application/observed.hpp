#pragma once

#include <string_view>

#include "application/context.hpp"
#include "claimledger/failure.hpp"

namespace claimledger::application {

// Does the work of an operation, and tells the engine's observer of it.
template <class Work>
auto observed(const Context& context, std::string_view name, const Work& work) {
  const auto& observer = context.parts.observer;
  const auto operation = observer ? observer->begin(name) : nullptr;
  if (!operation) return work();
  try {
    auto answer = work();
    operation->end({});
    return answer;
  } catch (const InvalidInput&) {
    operation->end("invalid_input");
    throw;
  } catch (const StoreFailure& failure) {
    operation->end(text(failure.kind()));
    throw;
  } catch (...) {
    operation->end("error");
    throw;
  }
}

}  // namespace claimledger::application
