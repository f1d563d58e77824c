namespace KisFeed.Cli.Tests.Options;

public sealed class DatabaseAddressTests
{
    [Fact]
    public void Several_hosts_mean_the_one_that_accepts_writes()
    {
        var settings = DatabaseAddress.Parse("postgres://feed@db1,db2:5433,[::1]:5434/market?sslmode=verify-full");

        settings.Host.ShouldBe("db1,db2:5433,[::1]:5434");
        settings.TargetSessionAttributes.ShouldBe("primary");
        settings.Database.ShouldBe("market");
    }

    [Fact]
    public void A_parameter_of_the_address_chooses_another_host() =>
        DatabaseAddress.Parse("postgres://feed@db1,db2/market?target_session_attrs=prefer-standby").TargetSessionAttributes
            .ShouldBe("prefer-standby");

    [Fact]
    public void One_host_has_no_choice() => DatabaseAddress.Parse("postgres://feed@db1:5433/market").TargetSessionAttributes.ShouldBeNull();

    [Theory]
    [InlineData("postgres://feed@db1,db2:x/market")]
    [InlineData("postgres://feed@db1,[db2/market")]
    public void A_list_with_an_error_is_refused_without_quoting_it(string address) =>
        Should.Throw<CommandException>(() => DatabaseAddress.Parse(address)).Message
            .ShouldStartWith("the address of the database is not valid: use postgres://");
}
