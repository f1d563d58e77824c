using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerStoreTests : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    private readonly TokenFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private readonly ConsumerCredentials _anna = ConsumerCredentials.Create();
    private readonly List<ConsumerLoss> _losses = [];
    private DateTime _written = new(2026, 11, 19, 0, 0, 0, DateTimeKind.Utc);

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Without_a_file_nobody_has_access_unless_that_opens_the_gateway()
    {
        using (var store = Open())
        {
            store.Current.Consumers.ShouldBeEmpty();
            store.IsClosed.ShouldBeTrue();
            store.Problem.ShouldBeNull();
            _log.Entries.Single().Text.ShouldStartWith("Nobody may connect: ");
        }

        using var open = Open(isOpenWithoutFile: true);
        open.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public void A_file_without_consumers_admits_nobody()
    {
        _folder.Write("""{"version":1,"consumers":[]}""");
        using var store = Open(isOpenWithoutFile: true);
        store.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public void An_unusable_file_is_an_error_at_the_start()
    {
        _folder.Write("{\n7");

        Should.Throw<KisFeedConfigurationException>(() => Open()).Message.ShouldContain("line 2");
    }

    [Fact]
    public async Task An_added_consumer_is_known_after_the_next_check()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        var boris = ConsumerCredentials.Create();
        await AddAsync(TokenFolder.NewConsumer("boris", boris));

        NameOf(store, boris).ShouldBeNull();
        _time.Advance(s_interval - TimeSpan.FromTicks(1));
        NameOf(store, boris).ShouldBeNull();
        _time.Advance(TimeSpan.FromTicks(1));
        NameOf(store, boris).ShouldBe("boris");
        NameOf(store, _anna).ShouldBe("anna");
        _losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Replaced_credentials_are_valid_until_they_expire()
    {
        var old = ConsumerCredentials.Create();
        var until = _time.GetUtcNow() + TimeSpan.FromSeconds(10);
        await AddAsync(TokenFolder.NewConsumer("anna", _anna) with
        {
            Previous = new PreviousCredentials(old.AppKey, ConsumerCredentials.HashOf(old.AppSecret), until),
        });
        using var store = Open();
        NameOf(store, _anna).ShouldBe("anna");
        NameOf(store, old).ShouldBe("anna");
        store.Current.Check(old.AppKey, _anna.AppSecret).ShouldBeNull();

        for (var i = 0; i < 4; i++)
            _time.Advance(s_interval);

        NameOf(store, _anna).ShouldBe("anna");
        NameOf(store, old).ShouldBeNull();
        var loss = _losses.ShouldHaveSingleItem();
        (loss.IsGone, loss.Before.AppKey).ShouldBe((true, old.AppKey), "connections with the replaced credentials end");
    }

    [Fact]
    public async Task An_expired_consumer_is_removed_and_does_not_open_the_gateway()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna) with { ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(4) });
        using (var store = Open())
        {
            NameOf(store, _anna).ShouldBe("anna");
            _time.Advance(s_interval);
            _time.Advance(s_interval);
            NameOf(store, _anna).ShouldBeNull();
            _losses.ShouldHaveSingleItem().IsGone.ShouldBeTrue();
            store.IsClosed.ShouldBeTrue();
        }

        using var later = Open();
        later.Current.Consumers.ShouldBeEmpty();
        later.IsClosed.ShouldBeTrue("the file has a consumer, though it has expired");
    }

    [Fact]
    public async Task The_file_is_checked_repeatedly()
    {
        using var store = Open();
        for (var i = 1; i <= 5; i++)
        {
            await AddAsync($"c{i}");
            _time.Advance(s_interval);
            store.Current.Consumers.Length.ShouldBe(i);
        }
    }

    [Fact]
    public async Task A_reload_reads_the_file_immediately()
    {
        using var store = Open();
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        store.Reload();

        NameOf(store, _anna).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_removal_is_reported_after_the_consumer_is_unknown()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        await AddAsync("boris");
        using var store = Open();
        var wasKnown = true;
        store.Lost += (sender, _) => wasKnown = ((ConsumerStore)sender!).Current.Check(_anna.AppKey, _anna.AppSecret) is not null;
        await RemoveAsync("anna");
        _time.Advance(s_interval);

        (_losses.Single().IsGone, _losses.Single().Before.Name).ShouldBe((true, "anna"));
        wasKnown.ShouldBeFalse();
        store.Reload();
        _losses.Count.ShouldBe(1);
        _log.Entries.Count(e => e.Text.Contains("anna", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_restriction_is_reported_with_the_lost_rights()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna, notices: true));
        using var store = Open();
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        _time.Advance(s_interval);

        _losses.Single().IsGone.ShouldBeFalse();
        _losses.Single().HasLost(OrderNotice.Feed.Schema).ShouldBeTrue();
        _losses.Single().HasLost(IndexTrade.Feed.Schema).ShouldBeFalse();
        store.Current.Consumers.Single().Notices.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_has_access_after_the_last_consumer_was_removed(bool isRemoved)
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        if (isRemoved)
            await RemoveAsync("anna");
        else
            File.Delete(_folder.FilePath);
        _time.Advance(s_interval);

        _losses.Single().IsGone.ShouldBeTrue();
        store.Current.Consumers.ShouldBeEmpty();
        store.IsClosed.ShouldBeTrue();
        _log.Entries.ShouldContain(e => e.Text.Contains("has no consumers left", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_consumer_closes_an_open_gateway_which_is_reported_once()
    {
        using var store = Open(isOpenWithoutFile: true);
        var closed = 0;
        store.Closed += (_, _) => closed++;
        foreach (var name in (string[])["anna", "boris"])
        {
            await AddAsync(name);
            _time.Advance(s_interval);
        }

        closed.ShouldBe(1);
        store.IsClosed.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{\n\n\"version\":1,\n7}")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_file_that_becomes_unusable_admits_nobody_from_the_second_check_on(string? text)
    {
        if (OperatingSystem.IsWindows())
            return;
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        var valid = await File.ReadAllTextAsync(_folder.FilePath);
        using var store = Open();
        if (text is not null)
            _folder.Write(text);
        else
            File.SetUnixFileMode(_folder.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        _time.Advance(s_interval);
        store.Problem.ShouldNotBeNull();
        NameOf(store, _anna).ShouldNotBeNull("an editor may be writing the file");
        _losses.ShouldBeEmpty();
        for (var i = 0; i < 5; i++)
            _time.Advance(s_interval);
        store.Reload();

        store.Current.Consumers.ShouldBeEmpty();
        store.IsClosed.ShouldBeTrue();
        _losses.ShouldHaveSingleItem();
        _log.Entries.Count(e => e.Text.Contains("cannot be used", StringComparison.Ordinal) && e.Level == LogLevel.Error).ShouldBe(1);
        _log.Entries.Count(e => e.Text.StartsWith("Nobody may connect until", StringComparison.Ordinal)).ShouldBe(1);

        _folder.Write(valid);
        _time.Advance(s_interval);
        store.Problem.ShouldBeNull();
        NameOf(store, _anna).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_repaired_file_is_read_even_if_its_metadata_are_unchanged()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        var text = await File.ReadAllTextAsync(_folder.FilePath);
        using var store = Open();
        _folder.Write(text.Replace("\"version\": 1", "\"version\": 7", StringComparison.Ordinal));
        SetTime();
        var stamp = File.GetLastWriteTimeUtc(_folder.FilePath);
        _time.Advance(s_interval);
        store.Problem.ShouldNotBeNull();
        _folder.Write(text);
        File.SetLastWriteTimeUtc(_folder.FilePath, stamp);
        _time.Advance(s_interval);

        store.Problem.ShouldBeNull();
        store.Current.Consumers.Length.ShouldBe(1);
        _losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unchanged_file_is_not_read_again()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        var text = await File.ReadAllTextAsync(_folder.FilePath);
        _folder.Write(text.Replace("anna", "bert", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_folder.FilePath, _written);
        _time.Advance(s_interval);
        store.Current.Consumers.Single().Name.ShouldBe("anna");
        store.Reload();

        store.Current.Consumers.Single().Name.ShouldBe("bert");
    }

    [Fact]
    public async Task A_recently_written_file_is_read_once_more()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        var recentTime = _time.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(1);
        File.SetLastWriteTimeUtc(_folder.FilePath, recentTime);
        using var store = Open();
        var text = await File.ReadAllTextAsync(_folder.FilePath);
        _folder.Write(text.Replace("anna", "bert", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_folder.FilePath, recentTime);
        _time.Advance(s_interval);

        store.Current.Consumers.Single().Name.ShouldBe("bert");
    }

    [Fact]
    public async Task A_failing_handler_does_not_stop_the_checks()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        await AddAsync("boris");
        using var store = Open();
        store.Lost += (_, _) => throw new InvalidOperationException("of the handler");
        await RemoveAsync("anna");
        _time.Advance(s_interval);
        await RemoveAsync("boris");
        _time.Advance(s_interval);

        _losses.Select(l => l.Before.Name).ShouldBe(["anna", "boris"]);
        _log.Entries.Count(e => e.Text.Contains("of the handler", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Disposing_stops_the_checks()
    {
        var store = Open();
        store.Dispose();
        await AddAsync("anna");
        _time.Advance(s_interval);
        store.Reload();

        store.Current.Consumers.ShouldBeEmpty();
    }

    private static string? NameOf(ConsumerStore store, ConsumerCredentials credentials) =>
        store.Current.Check(credentials.AppKey, credentials.AppSecret)?.Name;

    private ConsumerStore Open(bool isOpenWithoutFile = false)
    {
        var store = new ConsumerStore(_folder.FilePath, s_interval, _time, _log.CreateLogger(""), isOpenWithoutFile);
        store.Lost += (_, lost) => _losses.AddRange(lost.Losses);
        return store;
    }

    private Task AddAsync(string name) => AddAsync(TokenFolder.NewConsumer(name));

    private async Task AddAsync(Consumer consumer)
    {
        await _folder.AddAsync(consumer, replaces: true);
        SetTime();
    }

    private async Task RemoveAsync(string name)
    {
        await _folder.RemoveAsync(name);
        SetTime();
    }

    // File times are set explicitly, one minute later with each change, because the clock of the test is simulated.
    private void SetTime()
    {
        _written += TimeSpan.FromMinutes(1);
        File.SetLastWriteTimeUtc(_folder.FilePath, _written);
    }
}
