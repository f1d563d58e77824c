namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>One host for all tests that only look at the page and change nothing behind it.</summary>
public sealed class SharedDashboardHost : IAsyncLifetime
{
    private DashboardHost? _host;

    internal DashboardHost DashboardHost => _host!;

    public async Task InitializeAsync() => _host = await DashboardHost.OpenAsync();

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }
}
