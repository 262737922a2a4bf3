using System.Runtime.InteropServices;

namespace EtcdFleet.TestKit;

/// <summary>Does something as another user: this thread alone, by the system call, which unlike libc's function leaves the other threads as they are.</summary>
internal static class OtherUser
{
    private const uint Unchanged = uint.MaxValue;

    private static long SetUsersCall => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117; // setresuid

    /// <param name="user">0 is this process's own.</param>
    /// <param name="action">Must not await: another thread is another user.</param>
    public static void Do(uint user, Action action)
    {
        if (user == 0)
        {
            action();
            return;
        }

        Become(user);
        try
        {
            action();
        }
        finally
        {
            Become(0);
        }
    }

    private static void Become(uint user)
    {
        if (SystemCall(SetUsersCall, Unchanged, user, Unchanged) != 0)
        {
            throw new InvalidOperationException($"setresuid to {user}: {Marshal.GetLastPInvokeErrorMessage()}; these tests run as root");
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long SystemCall(long number, uint real, uint effective, uint saved);
}
