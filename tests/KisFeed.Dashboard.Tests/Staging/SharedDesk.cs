namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>One desk for all tests that only look at the page and change nothing behind it.</summary>
public sealed class SharedDesk : IAsyncLifetime
{
    private Desk? _desk;

    internal Desk Desk => _desk!;

    public async Task InitializeAsync() => _desk = await Desk.OpenAsync();

    public async Task DisposeAsync()
    {
        if (_desk is not null)
            await _desk.DisposeAsync();
    }
}
