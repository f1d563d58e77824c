using KisFeed.Coordination.Postgres;
using KisFeed.Coordination.Running;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination.Tests;

public sealed class RequestCancellationTests
{
    [Fact]
    public void A_callback_that_fails_does_not_end_the_process()
    {
        var time = new ManualTimeProvider();
        using var cancellation = new RequestCancellation(TimeSpan.FromSeconds(1), time);
        using var registration = cancellation.Token.Register(static () => throw new ObjectDisposedException("connection"));

        time.Advance(TimeSpan.FromSeconds(1));

        cancellation.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task The_end_of_the_owner_cancels_the_request_and_does_not_see_its_failure()
    {
        using var stopping = new CancellationTokenSource();
        using var cancellation = new RequestCancellation(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping.Token);
        using var registration = cancellation.Token.Register(static () => throw new ObjectDisposedException("connection"));

        await stopping.CancelAsync();

        cancellation.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_request_that_fails_for_any_reason_is_answered()
    {
        var failed = new TaskCompletionSource();
        await using var runner = new MachineRunner(static _ => { }, TimeProvider.System, Patience.Limit, "node", NullLogger.Instance);

        runner.Run(_ => runner.Start(
            static _ => Task.FromException<int>(new ObjectDisposedException("connection")),
            static (_, _) => throw new InvalidOperationException(),
            _ => failed.SetResult()));

        await failed.Task.WaitAsync(Patience.Limit);
        runner.Problem.ShouldNotBeNull();
    }
}
