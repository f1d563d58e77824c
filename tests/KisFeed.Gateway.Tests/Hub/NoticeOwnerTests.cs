using System.Text;
using KisFeed.Feeds;

namespace KisFeed.Gateway.Tests.Hub;

public sealed class NoticeOwnerTests
{
    private const int Columns = 22;

    [Theory]
    [InlineData("anna", "anna", "boris", "anna")]
    [InlineData("boris", "anna", "boris", "boris")]
    [InlineData("stranger", "anna", "boris", null)]
    [InlineData("Anna", "anna", "boris", null)]
    [InlineData("ANNA01", "anna", null, "anna")]
    [InlineData("anna", null, null, null)]
    public void A_notice_is_its_customers_or_that_of_the_only_HTS_ID_or_nobodys(string customer, string? first, string? second, string? owner)
    {
        KisFeeds.Catalog.TryFind("H0IFCNI0", out _).ShouldBeTrue();
        var notice = $"0|H0IFCNI0|001|{customer}{new string('^', Columns - 1)}";

        NoticeOwner.Find(KisFeeds.Catalog, Encoding.UTF8.GetBytes(notice), [.. new[] { first, second }.OfType<string>()]).ShouldBe(owner);
    }
}
