using KisFeed.Dashboard.Tests.Staging;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>Runs the browser tests one after the other, so that they do not compete for the processor.</summary>
[CollectionDefinition(Name)]
public sealed class ChromiumGroup : ICollectionFixture<Chromium>, ICollectionFixture<SharedDashboardHost>
{
    public const string Name = "Chromium";
}
