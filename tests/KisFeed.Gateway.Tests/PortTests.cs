using System.Net;
using System.Net.Sockets;
using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Gateway.Tests;

/// <summary>A port in use is detected before anything is sent upstream or written.</summary>
public sealed class PortTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-port-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Upstream_is_not_contacted_if_the_port_is_in_use()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var log = new RecordingLoggerFactory();
        var record = Path.Combine(_folder.FullName, "capture");
        var options = new GatewayOptions
        {
            Upstream = TestGateway.ClientOf(simulator.WebSocketUrl) with { LoggerFactory = log },
            Port = ((IPEndPoint)other.LocalEndpoint).Port,
            LoggerFactory = log,
            Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = record } },
        };

        var error = await Should.ThrowAsync<IOException>(() => GatewayServer.StartAsync(options));

        error.InnerException.ShouldBeOfType<AddressInUseException>();
        simulator.Statistics.ShouldSatisfyAllConditions(s => s.ApprovalKeysIssued.ShouldBe(0), s => s.ConnectionsAccepted.ShouldBe(0));
        log.Entries.ShouldBeEmpty("no client was created that could connect later");
        Directory.Exists(record).ShouldBeFalse();
    }

    [Fact]
    public async Task A_start_that_fails_later_releases_the_port()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "file"), "");
        var options = new GatewayOptions { Upstream = TestGateway.ClientOf(simulator.WebSocketUrl), Port = port };
        var recording =
            new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = Path.Combine(_folder.FullName, "file") } };

        await Should.ThrowAsync<CaptureException>(() => GatewayServer.StartAsync(options with { Recording = recording }));
        await using var gateway = await GatewayServer.StartAsync(options);

        gateway.Port.ShouldBe(port);
    }
}
