using KisFeed.Cli.Gateways;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Consumers;

namespace KisFeed.Dashboard.Tests;

public sealed class RightsTests(Chromium chromium) : DashboardTests(chromium), IDisposable
{
    private readonly TokenFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_consumer_signs_in_and_sees_no_orders_without_the_right_to_them()
    {
        var credentials = await AddAsync("clerk", notices: false);
        await using var host = await OpenHostAsync();
        await LookAsync(host, async viewer =>
        {
            viewer.Expecting("status of 401");
            await SignInAsync(viewer, credentials);

            await viewer.LiveAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Page.Locator("#orders")).ToBeHiddenAsync();
            (await viewer.Page.ContentAsync()).ShouldNotContain(DemoTargets.HtsId);
            viewer.Page.Url.ShouldNotContain(credentials.AppKey);
        });
    }

    [Fact]
    public async Task Wrong_credentials_are_refused_with_a_word_and_right_ones_go_on()
    {
        var credentials = await AddAsync("clerk", notices: false);
        await using var host = await OpenHostAsync();
        await LookAsync(host, async viewer =>
        {
            viewer.Expecting("status of 401", "status of 403");
            await SignInAsync(viewer, ConsumerCredentials.Create());

            await Expect(viewer.Page.Locator("#signin [role=alert]")).Not.ToBeEmptyAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "signin");
            await SignInAsync(viewer, credentials);
            await viewer.LiveAsync();
        });
    }

    [Fact]
    public async Task A_link_signs_a_browser_in_and_no_other_after_it()
    {
        var credentials = await AddAsync("clerk", notices: false);
        var code = await new SignInLinkFile(_folder.FilePath, TimeProvider.System).AddAsync(_folder.File.Find("clerk"), TimeProvider.System.GetUtcNow().AddDays(2), CancellationToken.None);
        await using var host = await OpenHostAsync();
        await LookAsync(
            host,
            async viewer =>
            {
                await viewer.LiveAsync();
                viewer.Page.Url.ShouldNotContain(code);
                await Expect(viewer.Chips).ToHaveCountAsync(1);
                await ShootAsync(viewer, "signin-link-phone");
                await viewer.Page.ReloadAsync();
                await viewer.LiveAsync();

                // In the same browser, and by whoever else has seen it.
                viewer.Expecting("status of 401");
                await viewer.Page.EvaluateAsync("code => { location.hash = `signin=${code}` }", code);
                await Expect(viewer.News).ToContainTextAsync("링크");
                await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
                await using var other = await OpenAsync(host, View.Phone, $"/#signin={code}");
                await Expect(other.Page.Locator("#signin [role=alert]")).ToContainTextAsync("링크");
                await Expect(other.Connection).ToHaveAttributeAsync("data-state", "signin");
                await ShootAsync(other, "signin-link-refused-phone");
                await SignInAsync(other, credentials);
                await other.LiveAsync();
                other.Page.Url.ShouldNotContain(code);
            },
            View.Phone,
            $"/#signin={code}&watch=index:0001");
    }

    [Fact]
    public async Task With_the_right_orders_come_and_nobody_sees_the_account_number()
    {
        var credentials = await AddAsync("trader", notices: true);
        await using var host = await OpenHostAsync();
        await LookAsync(host, async viewer =>
        {
            viewer.Expecting("status of 401");
            await SignInAsync(viewer, credentials);

            await Expect(viewer.Orders.First).ToBeVisibleAsync();
            var account = await AccountAsync(host, credentials);
            var shown = await Viewer.Field(viewer.Orders.First, "account").TextContentAsync();
            shown.ShouldNotBeNull().ShouldContain('•');
            account.Length.ShouldBeGreaterThan(4);
            (await viewer.Page.ContentAsync()).ShouldNotContain(account);
            viewer.Page.Url.ShouldNotContain("notice");
        });
    }

    private static async Task SignInAsync(Viewer viewer, ConsumerCredentials credentials)
    {
        await Expect(viewer.Page.Locator("form#signin")).ToBeVisibleAsync();
        await viewer.Page.FillAsync("form#signin input[name=appkey]", credentials.AppKey);
        await viewer.Page.FillAsync("form#signin input[name=appsecret]", credentials.AppSecret);
        await viewer.Page.ClickAsync("form#signin button[type=submit]");
    }

    // As another program of the same consumer's reads it.
    private static async Task<string> AccountAsync(DashboardHost host, ConsumerCredentials credentials)
    {
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = credentials.AppKey, AppSecret = credentials.AppSecret, WebSocketUrl = host.Gateway.WebSocketUrl });
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, DemoTargets.HtsId);
        await foreach (var notice in notices.ReadAllAsync())
            return notice.AccountNumber.ShouldNotBeNull();
        throw new InvalidOperationException("no notice came");
    }

    private async Task<ConsumerCredentials> AddAsync(string name, bool notices)
    {
        var credentials = ConsumerCredentials.Create();
        await _folder.File.AddAsync(TokenFolder.NewConsumer(name, credentials, notices: notices), false, CancellationToken.None);
        return credentials;
    }

    private Task<DashboardHost> OpenHostAsync() => DashboardHost.OpenAsync(gateway: options => options with { TokenFile = _folder.FilePath });
}
