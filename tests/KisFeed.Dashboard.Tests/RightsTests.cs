using KisFeed.Cli.Gateways;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Consumers;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class RightsTests(Chromium chromium) : DashboardTests(chromium), IDisposable
{
    private readonly TokenFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_consumer_without_the_right_to_orders_signs_in_and_sees_none()
    {
        var credentials = await AddAsync("clerk", notices: false);
        await using var host = await OpenHostAsync();
        await VisitAsync(host, async viewer =>
        {
            viewer.ExpectProblems("status of 401");
            await SignInAsync(viewer, credentials);

            await viewer.WaitForDataAsync();
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Page.Locator("#orders")).ToBeHiddenAsync();
            (await viewer.Page.ContentAsync()).ShouldNotContain(DemoTargets.HtsId);
            viewer.Page.Url.ShouldNotContain(credentials.AppKey);
        });
    }

    [Fact]
    public async Task Wrong_credentials_are_refused_with_a_message_and_valid_ones_work_afterwards()
    {
        var credentials = await AddAsync("clerk", notices: false);
        await using var host = await OpenHostAsync();
        await VisitAsync(host, async viewer =>
        {
            viewer.ExpectProblems("status of 401", "status of 403");
            await SignInAsync(viewer, ConsumerCredentials.Create());

            await Expect(viewer.Page.Locator("#signin [role=alert]")).Not.ToBeEmptyAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "signin");
            await SignInAsync(viewer, credentials);
            await viewer.WaitForDataAsync();
        });
    }

    [Fact]
    public async Task A_link_signs_in_one_browser_and_is_refused_in_another()
    {
        var credentials = await AddAsync("clerk", notices: false);
        var code = await new SignInLinkFile(_folder.FilePath, TimeProvider.System)
            .AddAsync(_folder.File.Find("clerk"), TimeProvider.System.GetUtcNow().AddDays(2), CancellationToken.None);
        await using var host = await OpenHostAsync();
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                viewer.Page.Url.ShouldNotContain(code);
                await Expect(viewer.Chips).ToHaveCountAsync(1);
                await ScreenshotAsync(viewer, "signin-link-phone");
                await viewer.Page.ReloadAsync();
                await viewer.WaitForDataAsync();

                // A second use is refused, in the same browser and in another.
                viewer.ExpectProblems("status of 401");
                await viewer.Page.EvaluateAsync("code => { location.hash = `signin=${code}` }", code);
                await Expect(viewer.Notification).ToContainTextAsync("링크");
                await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
                await using var other = await OpenAsync(host, View.Phone, $"/#signin={code}");
                await Expect(other.Page.Locator("#signin [role=alert]")).ToContainTextAsync("링크");
                await Expect(other.Connection).ToHaveAttributeAsync("data-state", "signin");
                await ScreenshotAsync(other, "signin-link-refused-phone");
                await SignInAsync(other, credentials);
                await other.WaitForDataAsync();
                other.Page.Url.ShouldNotContain(code);
            },
            View.Phone,
            $"/#signin={code}&watch=index:0001");
    }

    [Fact]
    public async Task With_the_right_orders_are_shown_with_masked_account_numbers()
    {
        var credentials = await AddAsync("trader", notices: true);
        await using var host = await OpenHostAsync();
        await VisitAsync(host, async viewer =>
        {
            viewer.ExpectProblems("status of 401");
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

    // Read by another program of the same consumer.
    private static async Task<string> AccountAsync(DashboardHost host, ConsumerCredentials credentials)
    {
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = credentials.AppKey,
            AppSecret = credentials.AppSecret,
            WebSocketUrl = host.Gateway.WebSocketUrl,
        });
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, DemoTargets.HtsId);
        await foreach (var notice in notices.ReadAllAsync())
            return notice.AccountNumber.ShouldNotBeNull();
        throw new InvalidOperationException("no notice was received");
    }

    private async Task<ConsumerCredentials> AddAsync(string name, bool notices)
    {
        var credentials = ConsumerCredentials.Create();
        await _folder.File.AddAsync(TokenFolder.NewConsumer(name, credentials, notices: notices), false, CancellationToken.None);
        return credentials;
    }

    private Task<DashboardHost> OpenHostAsync() =>
        DashboardHost.OpenAsync(gateway: options => options with { TokenFile = _folder.FilePath });
}
