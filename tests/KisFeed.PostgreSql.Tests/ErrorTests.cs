using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Errors that need people end the sink with advice, and no message contains the password.</summary>
[Collection(nameof(Database))]
public sealed class ErrorTests(Database database) : SinkTest(database)
{
    private const string Password = "p4ss;word=\"x";

    [Fact]
    public async Task A_wrong_password_ends_the_sink_with_advice()
    {
        await Database.QueryAsync(
            $"DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 'right' IN ROLE {PostgresServer.PasswordRole}");

        var message = await FailureAsync(
            $"{Database.ConnectionStringFor("guarded")};Password=\"{Password.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");

        message.ShouldBe("PostgreSQL reports 28P01: password authentication failed for user \"guarded\": check the user name and the "
            + "password in the connection string");
    }

    [Fact]
    public async Task A_missing_database_ends_the_sink_with_advice() =>
        (await FailureAsync($"Host={Database.Server.Host};Database=nowhere;Username={PostgresServer.Name};Password={Password}"
            .Replace(Password, "x", StringComparison.Ordinal)))
            .ShouldBe("PostgreSQL reports 3D000: database \"nowhere\" does not exist: create the database, or correct its "
                + "name in the connection string");

    [Fact]
    public async Task Missing_rights_end_the_sink_with_advice()
    {
        await Database.QueryAsync("DROP ROLE IF EXISTS nobody; CREATE ROLE nobody LOGIN");

        (await FailureAsync(Database.ConnectionStringFor("nobody"))).ShouldBe("PostgreSQL reports 42501: permission denied for database "
            + $"kisfeed: create or update the schema {Schema} as its owner with PostgreSqlSchema.UpdateAsync, and grant this role the "
            + "rights to write (docs/history.md)");
    }

    [Fact]
    public async Task A_later_schema_ends_the_sink_with_advice()
    {
        WriteIndexTrades(0, 1);
        await StoreAsync();
        await QueryAsync("INSERT INTO schema_version VALUES (99)");

        (await FailureAsync(Database.ConnectionString))
            .ShouldStartWith($"the schema {Schema} has version 99, and this KisFeed knows versions up to 1");
    }

    [Theory]
    [InlineData("Host=db;Password=p4ss;word=1")]
    [InlineData("p4ss")]
    [InlineData("")]
    public void A_connection_string_that_is_not_valid_is_not_quoted(string connectionString)
    {
        var error = Should.Throw<ArgumentException>(() => PostgreSqlSink.Start(Options with { ConnectionString = connectionString }));

        error.ToString().ShouldNotContain("p4ss");
        error.ToString().ShouldNotContain("word=1");
        error.Message.ShouldStartWith("PostgreSqlSinkOptions.ConnectionString is not valid");
    }

    [Fact]
    public void The_text_of_the_options_has_no_password() =>
        (Options with { ConnectionString = "Password=p4ss" }).ToString().ShouldNotContain("p4ss");

    [Theory]
    [InlineData("Kis")]
    [InlineData("a\"b")]
    [InlineData("")]
    public void A_schema_name_that_is_not_valid_is_refused(string schema) =>
        Should.Throw<ArgumentException>(() => PostgreSqlSink.Start(Options with { Schema = schema }));

    [Theory]
    [InlineData("/nonexistent")]
    [InlineData("127.0.0.1;Port=1")]
    public async Task A_server_that_cannot_be_reached_is_retried_and_the_sink_can_be_stopped(string host)
    {
        WriteIndexTrades(0, 1);
        await using var sink = PostgreSqlSink.Start(
            Options with { ConnectionString = $"Host={host};Username=x;Password={new string('p', 30)}" });
        await Patience.UntilAsync(() => sink.Status.Failures > 3);

        sink.Status.Problem.ShouldNotBeNull().ShouldStartWith("the database cannot be reached");
        sink.Status.ProblemSince.ShouldNotBeNull();
        (await sink.StopAsync()).HasEnded.ShouldBeTrue();
        await sink.Completion;
        Log.Messages.Count(message => message.Id == 2201).ShouldBe(1);
        Log.Entries.ShouldAllBe(entry => !entry.Text.Contains("pppp"));
    }

    [Fact]
    public async Task Too_many_connections_are_waited_for()
    {
        WriteIndexTrades(0, 10);
        await Database.QueryAsync("DROP ROLE IF EXISTS crowded; CREATE ROLE crowded LOGIN SUPERUSER CONNECTION "
            + "LIMIT 0; ALTER ROLE crowded NOSUPERUSER; GRANT CREATE ON DATABASE kisfeed TO crowded");
        await using var sink = PostgreSqlSink.Start(Options with { ConnectionString = Database.ConnectionStringFor("crowded") });
        await Patience.UntilAsync(() => sink.Status.Problem?.Contains("53300", StringComparison.Ordinal) == true);
        await Database.QueryAsync("ALTER ROLE crowded CONNECTION LIMIT 5");

        await sink.Completion.WaitAsync(Patience.Limit);
        (sink.Status.Records, sink.Status.Problem).ShouldBe((10, null));
    }

    private async Task<string> FailureAsync(string connectionString)
    {
        WriteIndexTrades(0, 1);
        await using var sink = PostgreSqlSink.Start(Options with { ConnectionString = connectionString, Follow = true });
        var error = await Should.ThrowAsync<PostgreSqlSinkException>(sink.Completion.WaitAsync(Patience.Limit));
        sink.Status.HasEnded.ShouldBeTrue();
        sink.Status.Problem.ShouldBe(error.Message);
        $"{error}{string.Concat(Log.Entries)}".ShouldNotContain("p4ss");
        return error.Message;
    }
}
