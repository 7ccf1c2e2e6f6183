#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "claimledger/embedders/command_embedder.hpp"
#include "support.hpp"

// An embedder that is another program: scripts of the shell that answer as they should, and in all ways that they
// should not.
namespace claimledger::embedders::test {
namespace {

using Vectors = std::vector<std::vector<float>>;
using Clock = std::chrono::steady_clock;

// Says its model, whatever it is asked first.
const std::string hello = R"sh(
hello='{"model":"fake","dimensions":2,"fingerprint":"f1","vectors":[]}'
say() { printf '{"model":"fake","dimensions":2,"fingerprint":"f1","vectors":%s}\n' "$1"; }
IFS= read -r line
printf '%s\n' "$hello"
)sh";

const std::string answer_once = "read -r line; say '[[1,2]]'; ";

class CommandEmbedders : public testing::Test {
 protected:
  // Starts the script, after it has said hello.
  std::unique_ptr<Embedder> start(const std::string& script, const Call& call = {}) {
    return start_command({.command = command(hello + script), .call = call});
  }
  std::string command(const std::string& script) {
    write(folder_ / "script", script);
    return "sh '" + (folder_ / "script") + "'";
  }
  static Vectors embed(Embedder& embedder, const std::vector<std::string>& texts, const Call& call = {}) {
    return embedder.embed(texts, EmbeddedText::statement, call);
  }
  // What comes of a command that answers a question with two texts so.
  StoreFailure failure_with(const std::string& script) {
    const auto embedder = start(script);
    return failure_of([&] { embed(*embedder, {"a", "b"}); });
  }
  void expect(const StoreFailure& failure, FailureKind kind, const std::string& why) {
    EXPECT_EQ(failure.kind(), kind) << failure.what();
    EXPECT_NE(failure.detail().find(why), std::string::npos) << failure.what();
    EXPECT_NE(failure.detail().find(folder_ / "script"), std::string::npos) << failure.what();
  }
  // A named pipe that is read here. Its end comes when nobody has it open for writing any more.
  int fifo(const std::string& name) {
    EXPECT_EQ(mkfifo((folder_ / name).c_str(), 0600), 0);
    return open((folder_ / name).c_str(), O_RDONLY | O_NONBLOCK);
  }
  // Until somebody writes into it.
  static void wait_for(int descriptor) {
    fcntl(descriptor, F_SETFL, 0);
    for (char byte = 0; ::read(descriptor, &byte, 1) == 0;) std::this_thread::yield();  // nobody has it open
    ::close(descriptor);
  }
  // Whether nobody has it open for writing any more, or soon does not.
  static bool comes_to_its_end(int descriptor) {
    pollfd end{descriptor, POLLIN, 0};
    poll(&end, 1, 60'000);
    ::close(descriptor);
    return (end.revents & POLLHUP) != 0;
  }

  Folder folder_;
};

// --- As it should ----------------------------------------------------------------------------------------------------

TEST_F(CommandEmbedders, SayTheirModelOnceTheyAreStarted) {
  const auto embedder = start("cat > /dev/null");
  EXPECT_EQ(embedder->model(), (EmbeddingModel{"fake", 2, "f1"}));
}

TEST_F(CommandEmbedders, NeedNoFingerprint) {
  const auto embedder = start_command(
      {.command = command(R"(read -r line; echo '{"model":"m","dimensions":4096,"vectors":[]}'; cat > /dev/null)")});
  EXPECT_EQ(embedder->model(), (EmbeddingModel{"m", 4096, ""}));
}

TEST_F(CommandEmbedders, AreAskedWithWhatTheTextsAre) {
  const auto asked = "'" + (folder_ / "asked") + "'";
  const auto embedder = start("printf '%s\\n' \"$line\" >> " + asked + R"sh(
while IFS= read -r line; do
  printf '%s\n' "$line" >> )sh" +
                              asked + R"sh(
  say '[[1,2],[3,-0.5]]'
done)sh");
  const std::vector<std::string> texts = {"say \"hello\"\n", "Grüße \xFF\x01"};

  const auto statements = embedder->embed(texts, EmbeddedText::statement, {});
  embedder->embed(texts, EmbeddedText::question, {});

  EXPECT_EQ(statements, (Vectors{{1, 2}, {3, -0.5}}));
  EXPECT_EQ(read(folder_ / "asked"),
            "{\"kind\":\"statement\",\"texts\":[]}\n"
            "{\"kind\":\"statement\",\"texts\":[\"say \\\"hello\\\"\\n\",\"Grüße \uFFFD\\u0001\"]}\n"
            "{\"kind\":\"question\",\"texts\":[\"say \\\"hello\\\"\\n\",\"Grüße \uFFFD\\u0001\"]}\n");
}

TEST_F(CommandEmbedders, GoOnRunning) {
  const auto embedder = start("n=0; while read -r line; do n=$((n + 1)); say \"[[$n,0]]\"; done");
  for (float n = 1; n < 20; ++n) EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{n, 0}}));
}

TEST_F(CommandEmbedders, AreCommandsOfTheShell) {
  write(folder_ / "with blank", hello + "while read -r line; do say \"[[$1,$#]]\"; done");
  const auto embedder = start_command({.command = "N=7; sh '" + (folder_ / "with blank") + "' \"$N\" 'two words'"});
  EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{7, 2}}));
}

TEST_F(CommandEmbedders, ComplainOnOurStandardError) {
  testing::internal::CaptureStderr();
  start("echo 'loading the model' >&2; cat > /dev/null").reset();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "loading the model\n");
}

// Makes a megabyte of it.
const std::string much = R"sh(
much=1; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do much="$much,$much"; done
say_much() { printf '{"model":"fake","dimensions":2,"fingerprint":"f1","much":[%s],"vectors":[[1,2]]}\n' "$much"; }
)sh";
const std::string megabyte(1'000'000, 'x');

TEST_F(CommandEmbedders, AreAskedAndAnswerMoreThanAPipeHolds) {
  const auto embedder = start(much + "while IFS= read -r line; do say_much; done");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(embed(*embedder, {megabyte}), (Vectors{{1, 2}}));
}

// Neither waits for the other for ever.
TEST_F(CommandEmbedders, ThatAnswerBeforeTheyHaveReadAllAreIncompatible) {
  const auto embedder = start(much + "dd bs=1 count=9 of=/dev/null 2> /dev/null; say_much; cat > /dev/null");
  expect(failure_of([&] { embed(*embedder, {megabyte + megabyte}); }), FailureKind::incompatible,
         "answered before it had read the question");
}

TEST_F(CommandEmbedders, AnswerSeveralThreadsInTurn) {
  const auto embedder = start(R"sh(
while IFS= read -r line; do
  number=${line##*\"texts\":[\"}
  say "[[${number%%\"*},0]]"
done)sh");
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 25; ++n)
          if (embed(*embedder, {std::to_string(100 * i + n)}).at(0).at(0) == static_cast<float>(100 * i + n)) ++right;
      });
    }
  }
  EXPECT_EQ(right, 100);
}

// --- As it should not ------------------------------------------------------------------------------------------------

TEST_F(CommandEmbedders, ThatAreEmptyAreWrongInput) {
  for (const auto* empty : {"", " ", "\t\n"}) EXPECT_THROW(start_command({.command = empty}), InvalidInput);
}

TEST_F(CommandEmbedders, ThatEndBeforeTheyAnswerAreUnreachable) {
  const auto failure = [&](const std::string& script) {
    return failure_of([&] { start_command({.command = command(script)}); });
  };
  expect(failure("exit 3"), FailureKind::unreachable, "ended with status 3 before it answered");
  expect(failure("read -r line; exit 0"), FailureKind::unreachable, "ended with status 0");
  expect(failure("kill -9 $$ 2> /dev/null"), FailureKind::unreachable, "ended with status 137");
  const auto killed = failure_of([&] { start_command({.command = "kill -9 $$"}); });
  EXPECT_NE(killed.detail().find("the command 'kill -9 $$' was ended by signal 9"), std::string::npos) << killed.what();
  expect(failure("no-such-command-anywhere 2> /dev/null"), FailureKind::unreachable, "ended with status 127");
  expect(failure_with("read -r line; exit 5"), FailureKind::unreachable, "ended with status 5 before it answered");
  expect(failure_with("read -r line; printf '{\"model\":'; exit 5"), FailureKind::unreachable, "ended with status 5");
}

TEST_F(CommandEmbedders, ThatSayNoAnswerAreIncompatible) {
  const auto answering = [&](const std::string& answer) {
    return failure_with("read -r line; cat <<'END'\n" + answer + "\nEND\ncat > /dev/null");
  };
  const auto vectors = [](const std::string& rest) {
    return R"({"model":"fake","dimensions":2,"fingerprint":"f1")" + rest + "}";
  };
  struct Case {
    std::string answer, why;
  };
  for (const auto& [answer, why] : std::vector<Case>{
           {"hello", "no JSON object"},
           {"", "no JSON object"},
           {"[1,2]", "no JSON object"},
           {R"({"model":"fake")", "no JSON object"},
           {R"({"model":"fake"} {})", "no JSON object"},
           {R"({"vectors":[[1,2],[3,4]]})", "without \"model\""},
           {R"({"model":7})", "\"model\" that is no text"},
           {R"({"model":""})", "without \"model\""},
           {R"({"model":"fake"})", "without \"dimensions\""},
           {R"({"model":"fake","dimensions":0})", "from 1 to 4096"},
           {R"({"model":"fake","dimensions":4097})", "from 1 to 4096"},
           {R"({"model":"fake","dimensions":-2})", "from 1 to 4096"},
           {R"({"model":"fake","dimensions":2.5})", "from 1 to 4096"},
           {R"({"model":"fake","dimensions":2,"fingerprint":1})", "\"fingerprint\" that is no text"},
           {R"({"model":")" + std::string(1025, 'm') + R"("})", "\"model\" of more than 1024 bytes"},
           {R"({"model":"a\u0000b"})", "NUL"},
           {vectors(""), "without \"vectors\""},
           {vectors(R"(,"vectors":3)"), "without \"vectors\""},
           {vectors(R"(,"vectors":[])"), "0 vectors for 2 texts"},
           {vectors(R"(,"vectors":[[1,2]])"), "1 vector for 2 texts"},
           {vectors(R"(,"vectors":[[1,2],[1,2],[1,2]])"), "3 vectors for 2 texts"},
           {vectors(R"(,"vectors":[[1,2],3])"), "a vector that is no array"},
           {vectors(R"(,"vectors":[[1,2],[1,2,3]])"), "a vector of 3 numbers where it says 2"},
           {vectors(R"(,"vectors":[[1],[1,2]])"), "a vector of 1 number where it says 2"},
           {vectors(R"(,"vectors":[[1,2],[1,"2"]])"), "something else than numbers"},
           {vectors(R"(,"vectors":[[1,2],[1,null]])"), "something else than numbers"},
           {vectors(R"(,"vectors":[[1,2],[1,1e39]])"), "too large"},
           {vectors(R"(,"vectors":[[1,2],[1,1e999]])"), "no JSON object"},
           {vectors(R"(,"vectors":[[1,2],[1,NaN]])"), "no JSON object"},
           {vectors(R"(,"error":7)"), "\"error\" that is no text"},
           {vectors(R"(,"error":"")"), "empty \"error\""},
       }) {
    SCOPED_TRACE(answer.substr(0, 100));
    expect(answering(answer), FailureKind::incompatible, why);
  }
}

TEST_F(CommandEmbedders, ThatSayTooMuchAreIncompatible) {
  expect(failure_with("read -r line; printf 'one\\ntwo\\n'; cat > /dev/null"), FailureKind::incompatible,
         "said more than one line");
  expect(failure_with("read -r line; cat /dev/zero"), FailureKind::incompatible, "said a line of more than 10");
  // Before it was asked; perhaps at once with its model.
  const auto unasked = failure_of([&] { embed(*start("cat /dev/zero | tr '\\0' x"), {"a", "b"}); });
  expect(unasked, FailureKind::incompatible, "said");
}

TEST_F(CommandEmbedders, ThatChangeTheirModelAreIncompatible) {
  for (const std::string other : {R"({"model":"other","dimensions":2,"fingerprint":"f1","vectors":[[1,2],[3,4]]})",
                                  R"({"model":"fake","dimensions":3,"fingerprint":"f1","vectors":[[1,2,3],[3,4,5]]})",
                                  R"({"model":"fake","dimensions":2,"fingerprint":"f2","vectors":[[1,2],[3,4]]})"}) {
    expect(failure_with("read -r line; echo '" + other + "'; cat > /dev/null"), FailureKind::incompatible,
           "and was 'fake' of 2 dimensions, fingerprint 'f1'");
  }
}

TEST_F(CommandEmbedders, ThatAnswerWithAnErrorAreHeardAndGoOn) {
  const auto embedder = start(R"sh(
read -r line; echo '{"error":"the text is too long for me"}'
read -r line; say '[[1,2]]'
cat > /dev/null)sh");
  expect(failure_of([&] { embed(*embedder, {"a"}); }), FailureKind::refused, "the text is too long for me");
  EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{1, 2}}));
}

TEST_F(CommandEmbedders, ThatDiedAreStartedAnewByTheNextCall) {
  const auto embedder = start("read -r line; [ -e " + (folder_ / "again") + " ] || { touch " + (folder_ / "again") +
                              "; exit 9; }\nsay '[[1,2]]'; cat > /dev/null");
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}); }).kind(), FailureKind::unreachable);
  EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{1, 2}}));
}

TEST_F(CommandEmbedders, ThatComeBackAsAnotherModelAreIncompatible) {
  const auto embedder = start("exit 9");
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}); }).kind(), FailureKind::unreachable);
  command(R"(read -r line; echo '{"model":"new","dimensions":2,"vectors":[]}'; cat > /dev/null)");
  for (int i = 0; i < 2; ++i)
    expect(failure_of([&] { embed(*embedder, {"a"}); }), FailureKind::incompatible, "is the model 'new'");
}

// --- Time, signals, ends ---------------------------------------------------------------------------------------------

TEST_F(CommandEmbedders, ThatHangAreLeftAtTheDeadline) {
  const auto embedder = start("while read -r line; do :; done");
  const auto soon = Call{.deadline = Clock::now() + std::chrono::milliseconds(30)};
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}, soon); }).kind(), FailureKind::timeout);

  const auto silent =
      CommandOptions{.command = "cat > /dev/null", .call = {.deadline = Clock::now() + std::chrono::milliseconds(30)}};
  EXPECT_EQ(failure_of([&] { start_command(silent); }).kind(), FailureKind::timeout);
}

// So that nobody who gave no deadline waits for ever, and the call goes on without a vector.
TEST_F(CommandEmbedders, ThatHangAreLeftInTheirTime) {
  const auto options = [&](std::chrono::milliseconds within, const std::string& script) {
    return CommandOptions{.command = command(hello + script), .answer_within = within};
  };
  const std::string hangs = "while read -r line; do :; done";
  const auto soon = std::chrono::milliseconds(30);
  const auto embedder = start_command(options(std::chrono::seconds(2), hangs));
  expect(failure_of([&] { embed(*embedder, {"a"}); }), FailureKind::unreachable, "did not answer within 2 s");
  const auto sooner = Call{.deadline = Clock::now() + soon};
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}, sooner); }).kind(), FailureKind::timeout);
  const auto silent = failure_of([&] { start_command({.command = "cat > /dev/null", .answer_within = soon}); });
  EXPECT_EQ(silent.detail(), "the command 'cat > /dev/null' did not answer within 0.03 s");
  EXPECT_EQ(embed(*start_command(options(std::chrono::milliseconds::max(), "read -r line; say '[[1,2]]'")), {"a"}),
            (Vectors{{1, 2}}));
  for (const auto none : {0, -1})
    EXPECT_THROW(start_command(options(std::chrono::milliseconds(none), hangs)), InvalidInput);
}

TEST_F(CommandEmbedders, ThatDoNotReadAreLeftAtTheDeadline) {
  const auto embedder = start("exec tail -f /dev/null");
  const auto soon = Call{.deadline = Clock::now() + std::chrono::milliseconds(30)};
  EXPECT_EQ(failure_of([&] { embed(*embedder, {std::string(1'000'000, 'x')}, soon); }).kind(), FailureKind::timeout);
}

TEST_F(CommandEmbedders, AreNotAskedByACallThatIsOver) {
  const auto embedder = start("while read -r line; do say '[[1,2]]'; done");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}, {.deadline = Clock::now()}); }).kind(), FailureKind::timeout);
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}, {.stop = stop.get_token()}); }).kind(), FailureKind::cancelled);
  EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{1, 2}}));
}

// The answer to a question that was given up is not taken for that to the next.
TEST_F(CommandEmbedders, AreLeftWhenTheCallerAsksToStop) {
  const int asked = fifo("asked");
  const auto embedder =
      start("read -r line; [ -e " + (folder_ / "again") + " ] || { touch " + (folder_ / "again") + "; echo asked > " +
            (folder_ / "asked") + "; exec tail -f /dev/null; }\nsay '[[1,2]]'; cat > /dev/null");
  std::stop_source stop;
  std::jthread stopper([&] {
    wait_for(asked);
    stop.request_stop();
  });
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"a"}, {.stop = stop.get_token()}); }).kind(), FailureKind::cancelled);
  stopper.join();
  EXPECT_EQ(embed(*embedder, {"a"}), (Vectors{{1, 2}}));
}

// Who waits for their turn is heard as well.
TEST_F(CommandEmbedders, LeaveTheirQueueAtTheDeadline) {
  const int asked = fifo("asked");
  const auto embedder = start("read -r line; echo asked > " + (folder_ / "asked") + "; exec tail -f /dev/null");
  std::stop_source stop;
  std::jthread first([&] { failure_of([&] { embed(*embedder, {"a"}, {.stop = stop.get_token()}); }); });
  wait_for(asked);

  const auto soon = Call{.deadline = Clock::now() + std::chrono::milliseconds(30)};
  EXPECT_EQ(failure_of([&] { embed(*embedder, {"b"}, soon); }).kind(), FailureKind::timeout);
  stop.request_stop();
  first.join();
}

// SIGPIPE would end this program.
TEST_F(CommandEmbedders, ThatStopReadingSendNoSignal) {
  signal(SIGPIPE, SIG_DFL);
  const auto failure = [&](const std::string& script) {
    const auto embedder = start(script);
    return failure_of([&] { embed(*embedder, {std::string(1'000'000, 'x')}); });
  };
  expect(failure("exec <&-; exit 4"), FailureKind::unreachable, "ended with status 4");
  expect(failure("exec < /dev/null; exit 6"), FailureKind::unreachable, "ended with status 6");
  const auto answers = start("read -r line; exec < /dev/null; say '[[1,2]]'; exec tail -f /dev/null");
  EXPECT_EQ(embed(*answers, {"x"}), (Vectors{{1, 2}}));
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST_F(CommandEmbedders, EndWithTheEndOfTheirInput) {
  start("while read -r line; do :; done; echo ended > " + (folder_ / "note")).reset();
  EXPECT_EQ(read(folder_ / "note"), "ended\n");
}

TEST_F(CommandEmbedders, ThatGoOnAreToldToEnd) {
  auto embedder =
      start("trap 'echo told > " + (folder_ / "note") + "; exit' TERM; " + answer_once + "sleep infinity & wait");
  embed(*embedder, {"a"});
  embedder.reset();
  EXPECT_EQ(read(folder_ / "note"), "told\n");
}

TEST_F(CommandEmbedders, ThatDoNotListenAreEndedWithAllThatTheyStarted) {
  const int held = fifo("held");
  auto embedder = start("exec 3> " + (folder_ / "held") + "; trap '' TERM; sleep infinity & " + answer_once +
                        "exec sleep infinity");
  embed(*embedder, {"a"});
  embedder.reset();
  EXPECT_TRUE(comes_to_its_end(held));
}

// Nobody is left who would close its standard input, or tell it.
TEST_F(CommandEmbedders, ThatHangEndWithWhoIsKilled) {
  const int held = fifo("held"), started = fifo("started");
  const auto hangs = command(hello + "exec 4> " + (folder_ / "held") + "; echo started > " + (folder_ / "started") +
                             "; exec sleep infinity");
  const auto host = fork();
  if (host == 0) {
    const auto embedder = start_command({.command = hangs});
    embed(*embedder, {"a"});
    _exit(0);
  }
  wait_for(started);
  kill(host, SIGKILL);
  waitpid(host, nullptr, 0);
  EXPECT_TRUE(comes_to_its_end(held));
}

}  // namespace
}  // namespace claimledger::embedders::test
