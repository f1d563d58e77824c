using KisFeed.Cli.Clusters;
using KisFeed.Coordination;

namespace KisFeed.Cli.Tests.Clusters;

public sealed class ClusterSetupTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private int _attempts;

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task The_schema_is_created_when_the_database_that_was_away_at_the_start_answers()
    {
        await using var setup = await StartAsync(isTransient: true);
        setup.Completion.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(5));
        await Patience.UntilAsync(() => _attempts == 2);
        _time.Advance(TimeSpan.FromSeconds(5));
        await setup.Completion.WaitAsync(Patience.Limit);

        _attempts.ShouldBe(3);
        _log.Messages.Select(message => message.Text).ShouldBe(
            [
                "the schema of the cluster was not checked: away. The gateway waits for the database",
                "the schema of the cluster was checked",
            ]);
    }

    [Fact]
    public async Task A_role_that_may_not_create_the_schema_does_not_try_again()
    {
        await using var setup = await StartAsync(isTransient: false);

        setup.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        _attempts.ShouldBe(1);
    }

    [Fact]
    public async Task The_end_of_the_gateway_ends_the_attempts()
    {
        var setup = await StartAsync(isTransient: true);

        await setup.DisposeAsync();

        setup.Completion.IsCompleted.ShouldBeTrue();
        _attempts.ShouldBe(1);
    }

    private Task<ClusterSetup> StartAsync(bool isTransient) =>
        ClusterSetup.StartAsync(
            _ => Interlocked.Increment(ref _attempts) < 3
                ? Task.FromException(new CoordinationException("away") { IsTransient = isTransient })
                : Task.CompletedTask,
            _time,
            _log,
            CancellationToken.None);
}
