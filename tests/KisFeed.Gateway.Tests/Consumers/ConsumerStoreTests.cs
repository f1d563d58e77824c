using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

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
    public void Without_a_file_nobody_may_unless_that_opens_the_gateway()
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
    public void A_file_without_consumers_lets_nobody_in()
    {
        _folder.Write("""{"version":1,"consumers":[]}""");
        using var store = Open(isOpenWithoutFile: true);
        store.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_an_error_at_the_start()
    {
        _folder.Write("{\n7");

        Should.Throw<KisFeedConfigurationException>(() => Open()).Message.ShouldContain("line 2");
    }

    [Fact]
    public async Task Who_is_added_is_known_at_the_next_look()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        var boris = ConsumerCredentials.Create();
        await AddAsync(TokenFolder.NewConsumer("boris", boris));

        store.Current.Check(boris.AppKey, boris.AppSecret).ShouldBeNull();
        _time.Advance(s_interval - TimeSpan.FromTicks(1));
        store.Current.Check(boris.AppKey, boris.AppSecret).ShouldBeNull();
        _time.Advance(TimeSpan.FromTicks(1));
        store.Current.Check(boris.AppKey, boris.AppSecret)?.Name.ShouldBe("boris");
        store.Current.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
        _losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Credentials_that_were_replaced_are_valid_until_their_time_is_over()
    {
        var old = ConsumerCredentials.Create();
        var until = _time.GetUtcNow() + TimeSpan.FromSeconds(10);
        await AddAsync(TokenFolder.NewConsumer("anna", _anna) with { Previous = new PreviousCredentials(old.AppKey, ConsumerCredentials.HashOf(old.AppSecret), until) });
        using var store = Open();
        store.Current.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
        store.Current.Check(old.AppKey, old.AppSecret)?.Name.ShouldBe("anna");
        store.Current.Check(old.AppKey, _anna.AppSecret).ShouldBeNull();

        for (var i = 0; i < 4; i++)
            _time.Advance(s_interval);

        store.Current.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
        store.Current.Check(old.AppKey, old.AppSecret).ShouldBeNull();
        var loss = _losses.ShouldHaveSingleItem();
        (loss.IsGone, loss.Before.AppKey).ShouldBe((true, old.AppKey), "connections that came with them end");
    }

    [Fact]
    public async Task A_consumer_whose_time_is_over_is_gone_and_opens_the_gateway_to_nobody()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna) with { ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(4) });
        using (var store = Open())
        {
            store.Current.Check(_anna.AppKey, _anna.AppSecret)?.Name.ShouldBe("anna");
            _time.Advance(s_interval);
            _time.Advance(s_interval);
            store.Current.Check(_anna.AppKey, _anna.AppSecret).ShouldBeNull();
            _losses.ShouldHaveSingleItem().IsGone.ShouldBeTrue();
            store.IsClosed.ShouldBeTrue();
        }

        using var later = Open();
        later.Current.Consumers.ShouldBeEmpty();
        later.IsClosed.ShouldBeTrue("the file has a consumer, although it has expired");
    }

    [Fact]
    public async Task It_goes_on_looking()
    {
        using var store = Open();
        for (var i = 1; i <= 5; i++)
        {
            await AddAsync(TokenFolder.NewConsumer($"c{i}"));
            _time.Advance(s_interval);
            store.Current.Consumers.Length.ShouldBe(i);
        }
    }

    [Fact]
    public async Task On_demand_it_is_read_at_once()
    {
        using var store = Open();
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        store.Reload();

        store.Current.Check(_anna.AppKey, _anna.AppSecret).ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_is_removed_is_told_of_when_it_is_no_longer_known()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        await AddAsync(TokenFolder.NewConsumer("boris"));
        using var store = Open();
        var wasKnown = true;
        store.Lost += (sender, _) => wasKnown = ((ConsumerStore)sender!).Current.Check(_anna.AppKey, _anna.AppSecret) is not null;
        await RemoveAsync("anna");
        _time.Advance(s_interval);

        _losses.Single().ShouldSatisfyAllConditions(l => l.IsGone.ShouldBeTrue(), l => l.Before.Name.ShouldBe("anna"));
        wasKnown.ShouldBeFalse();
        store.Reload();
        _losses.Count.ShouldBe(1);
        _log.Entries.Count(e => e.Text.Contains("anna", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Who_may_do_less_is_told_of_with_what()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna, notices: true));
        using var store = Open();
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        _time.Advance(s_interval);

        _losses.Single().IsGone.ShouldBeFalse();
        _losses.Single().Loses(OrderNotice.Feed.Schema).ShouldBeTrue();
        _losses.Single().Loses(IndexTrade.Feed.Schema).ShouldBeFalse();
        store.Current.Consumers.Single().Notices.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_last_has_gone_nobody_may(bool isRemoved)
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
    public async Task With_the_first_the_gateway_closes_itself_and_says_so_once()
    {
        using var store = Open(isOpenWithoutFile: true);
        var closed = 0;
        store.Closed += (_, _) => closed++;
        foreach (var name in (string[])["anna", "boris"])
        {
            await AddAsync(TokenFolder.NewConsumer(name));
            _time.Advance(s_interval);
        }

        closed.ShouldBe(1);
        store.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_that_breaks_changes_nothing_and_is_told_of_once()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        _folder.Write("{\n\n\"version\":1,\n7}");
        for (var i = 0; i < 5; i++)
            _time.Advance(s_interval);
        store.Reload();

        store.Current.Check(_anna.AppKey, _anna.AppSecret).ShouldNotBeNull();
        store.Problem!.ShouldStartWith($"{_folder.FilePath}, line 4: ");
        _losses.ShouldBeEmpty();
        _log.Entries.Count(e => e.Text.Contains("cannot be used", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_mended_is_read_even_where_that_does_not_show()
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
    public async Task A_file_that_others_can_use_by_now_is_told_of_and_changes_nothing()
    {
        if (OperatingSystem.IsWindows())
            return;
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        using var store = Open();
        File.SetUnixFileMode(_folder.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        _time.Advance(s_interval);
        store.Problem!.ShouldContain("chmod 600");
        store.Current.Consumers.Length.ShouldBe(1);
        File.SetUnixFileMode(_folder.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _time.Advance(s_interval);

        store.Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_has_not_changed_is_not_read()
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
    public async Task A_file_that_was_written_just_now_is_read_once_more()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        var justNow = _time.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(1);
        File.SetLastWriteTimeUtc(_folder.FilePath, justNow);
        using var store = Open();
        var text = await File.ReadAllTextAsync(_folder.FilePath);
        _folder.Write(text.Replace("anna", "bert", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_folder.FilePath, justNow);
        _time.Advance(s_interval);

        store.Current.Consumers.Single().Name.ShouldBe("bert");
    }

    [Fact]
    public async Task A_handler_that_fails_ends_nothing()
    {
        await AddAsync(TokenFolder.NewConsumer("anna", _anna));
        await AddAsync(TokenFolder.NewConsumer("boris"));
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
    public async Task When_it_is_disposed_of_it_looks_no_more()
    {
        var store = Open();
        store.Dispose();
        await AddAsync(TokenFolder.NewConsumer("anna"));
        _time.Advance(s_interval);
        store.Reload();

        store.Current.Consumers.ShouldBeEmpty();
    }

    private ConsumerStore Open(bool isOpenWithoutFile = false)
    {
        var store = new ConsumerStore(_folder.FilePath, s_interval, _time, _log, isOpenWithoutFile);
        store.Lost += (_, lost) => _losses.AddRange(lost.Losses);
        return store;
    }

    private async Task AddAsync(Consumer consumer)
    {
        await _folder.File.AddAsync(consumer, replaces: true, CancellationToken.None);
        SetTime();
    }

    private async Task RemoveAsync(string name)
    {
        await _folder.File.RemoveAsync(name, CancellationToken.None);
        SetTime();
    }

    // The clock of the test is not that of the files: a minute later with each change, and long ago.
    private void SetTime()
    {
        _written += TimeSpan.FromMinutes(1);
        File.SetLastWriteTimeUtc(_folder.FilePath, _written);
    }
}
