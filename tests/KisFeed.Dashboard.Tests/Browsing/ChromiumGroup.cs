using KisFeed.Dashboard.Tests.Staging;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>The tests that look at the page: one after the other, so that each has the machine's time to itself.</summary>
[CollectionDefinition(Name)]
public sealed class ChromiumGroup : ICollectionFixture<Chromium>, ICollectionFixture<SharedDashboardHost>
{
    public const string Name = "Chromium";
}
