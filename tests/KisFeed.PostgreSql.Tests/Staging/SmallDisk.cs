using System.ComponentModel;
using System.Globalization;
using KisFeed.TestSupport;
using Npgsql;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>A small file system in memory for the tables of a database, which a test can fill. Only root can mount it.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Tablespace = "small";

    private readonly Database _database;
    private readonly string _path;

    private SmallDisk(Database database, string path)
    {
        _database = database;
        _path = path;
    }

    /// <summary>The connection string with which new tables are created on the disk.</summary>
    public string ConnectionString => $"{_database.ConnectionString};Options=-c default_tablespace={Tablespace}";

    private string Ballast => Path.Combine(_path, "ballast");

    /// <summary>Mounts the file system; <see langword="null"/> if that is not possible here.</summary>
    public static async Task<SmallDisk?> TryMountAsync(Database database, int megabytes)
    {
        var path = Path.Combine(database.Server.Host, "disk");
        Directory.CreateDirectory(path);
        if (!await TryRunAsync(
            "mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=777"), "kisfeed-test", path))
        {
            return null;
        }
        var disk = new SmallDisk(database, path);
        try
        {
            var space = Path.Combine(path, "space");
            Directory.CreateDirectory(space);
            (await TryRunAsync("chown", "-R", "postgres", path)).ShouldBeTrue();
            await using var connection = new NpgsqlConnection($"{database.ConnectionString};Pooling=false");
            await connection.OpenAsync();
            // Not allowed together with other statements.
            await using var command = new NpgsqlCommand($"CREATE TABLESPACE {Tablespace} LOCATION '{space}'", connection);
            await command.ExecuteNonQueryAsync();
            return disk;
        }
        catch
        {
            await disk.UnmountAsync();
            throw;
        }
    }

    /// <summary>Fills the disk, except for some bytes.</summary>
    public void Fill(long free)
    {
        var length = Math.Max(0, new DriveInfo(_path).AvailableFreeSpace - free);
        using var ballast = new FileStream(
            Ballast, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = length });
    }

    /// <summary>Frees the disk again.</summary>
    public void Free() => File.Delete(Ballast);

    /// <summary>Removes the disk with all schemas on it, which are given.</summary>
    public async Task RemoveAsync(string schema)
    {
        Free();
        await _database.QueryAsync($"DROP SCHEMA IF EXISTS {schema} CASCADE");
        await _database.QueryAsync($"DROP TABLESPACE {Tablespace}");
    }

    public async ValueTask DisposeAsync() => await UnmountAsync();

    private async Task UnmountAsync() => (await TryRunAsync("umount", "--lazy", _path)).ShouldBeTrue();

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        try
        {
            await ProcessRunner.RunAsync(program, arguments, Patience.Limit);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
