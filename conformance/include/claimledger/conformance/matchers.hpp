#pragma once

#include <gtest/gtest.h>

#include <string>

#include "claimledger/failure.hpp"

namespace claimledger::conformance {

// EXPECT_TRUE(fails_with(FailureKind::timeout, [&] { store.head(agent, late); })): it throws a StoreFailure of this
// kind.
template <class Work>
testing::AssertionResult fails_with(FailureKind kind, Work work) {
  try {
    work();
  } catch (const StoreFailure& failure) {
    if (failure.kind() == kind) return testing::AssertionSuccess() << failure.what();
    return testing::AssertionFailure() << "wanted " << text(kind) << ", got: " << failure.what();
  } catch (const std::exception& other) {
    return testing::AssertionFailure() << "wanted " << text(kind) << ", got: " << other.what();
  }
  return testing::AssertionFailure() << "wanted " << text(kind) << ", nothing failed";
}

}  // namespace claimledger::conformance
