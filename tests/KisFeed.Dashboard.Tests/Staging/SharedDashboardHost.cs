namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>One host for all tests that do not change the state of simulator or gateway.</summary>
public sealed class SharedDashboardHost : IAsyncLifetime
{
    private DashboardHost? _host;

    internal DashboardHost DashboardHost => _host!;

    public async ValueTask InitializeAsync() => _host = await DashboardHost.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }
}
