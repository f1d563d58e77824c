using KisFeed.Cli.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace KisFeed.Cli.Gateways;

/// <summary>
/// Sends metrics to a collector by OTLP, where that is asked for: on the command line, or by the variables that every program with OpenTelemetry has
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the others).
/// </summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string ServiceName = "kisfeed-gateway";
    private const int GrpcPort = 4317;
    private const string MetricsPath = "v1/metrics";

    /// <summary>How long a collector is waited for at the end, in milliseconds; the gateway's instruments end with it.</summary>
    public const int FlushLimit = 2_000;

    /// <summary>Begins; <see langword="null"/> where nothing is asked for.</summary>
    /// <param name="host">Where the variables are.</param>
    /// <param name="endpoint">The collector, where the command line names one: port 4317 for gRPC, any other for HTTP.</param>
    public static MeterProvider? Start(CommandHost host, Uri? endpoint)
    {
        if (endpoint is null && host.Variable(EndpointVariable) is null && host.Variable(MetricsEndpointVariable) is null)
            return null;
        return Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService(ServiceName, serviceVersion: CommandLine.Version).AddEnvironmentVariableDetector())
            .AddMeter(KisFeedDiagnostics.MeterName)
            .AddOtlpExporter((exporter, _) => Point(exporter, endpoint))
            .Build();
    }

    private static void Point(OtlpExporterOptions exporter, Uri? endpoint)
    {
        if (endpoint is null)
            return;
        var isGrpc = endpoint.Port == GrpcPort;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = isGrpc || endpoint.AbsolutePath != "/" ? endpoint : new Uri(endpoint, MetricsPath);
    }
}
