using System.Net.Security;
using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Tests.Staging;

namespace KisFeed.RabbitMq.Tests.Connecting;

/// <summary>The settings of a connection to a node.</summary>
public sealed class ClusterConnectorTests
{
    [Theory]
    [InlineData("amqp://feed:ab:cd@mq1", "feed", "ab:cd")]
    [InlineData("amqp://feed%40desk:a%2Fb%3Ac+d@mq1:1234/host", "feed@desk", "a/b:c+d")]
    [InlineData("amqp://feed@mq1", "feed", "guest")]
    [InlineData("amqp://mq1", "guest", "guest")]
    public void The_user_of_an_address_ends_at_the_first_colon(string address, string user, string password)
    {
        var factory = Connector().FactoryFor(new Uri(address));

        (factory.UserName, factory.Password, factory.HostName).ShouldBe((user, password, "mq1"));
    }

    [Fact]
    public void The_port_and_the_virtual_host_of_an_address_are_kept()
    {
        var factory = Connector().FactoryFor(new Uri("amqps://feed:secret@mq1:1234/a%2Fb"));

        (factory.Port, factory.VirtualHost, factory.Ssl.Enabled).ShouldBe((1234, "a/b", true));
    }

    [Fact]
    public void A_certificate_must_be_of_the_host_without_a_file_of_authorities_too()
    {
        var factory = Connector().FactoryFor(new Uri("amqps://feed:secret@mq1"));

        factory.Ssl.AcceptablePolicyErrors.ShouldBe(SslPolicyErrors.None);
        factory.Ssl.ServerName.ShouldBe("mq1");
        factory.Endpoint.Ssl.AcceptablePolicyErrors.ShouldBe(SslPolicyErrors.None);
    }

    private static ClusterConnector Connector() => new(Broker.Cluster([new Uri("amqp://mq1")]), "test");
}
