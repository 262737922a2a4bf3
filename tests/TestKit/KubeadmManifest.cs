namespace EtcdFleet.TestKit;

/// <summary>The static Pod manifest of etcd in the shape that kubeadm gives it.</summary>
internal static class KubeadmManifest
{
    public static string Text(IEnumerable<string> flags, string dataDir, string pki, string image) => $"""
        apiVersion: v1
        kind: Pod
        metadata:
          annotations:
            kubeadm.kubernetes.io/etcd.advertise-client-urls: https://10.66.0.11:2379
          creationTimestamp: null
          labels:
            component: etcd
            tier: control-plane
          name: etcd
          namespace: kube-system
        spec:
          containers:
          - command:
            - etcd
        {string.Join('\n', flags.Select(flag => $"    - {flag}"))}
            image: {image}
            imagePullPolicy: IfNotPresent
            livenessProbe:
              failureThreshold: 8
              httpGet:
                host: 127.0.0.1
                path: /livez
                port: probe-port
                scheme: HTTP
              initialDelaySeconds: 10
              periodSeconds: 10
              timeoutSeconds: 15
            name: etcd
            ports:
            - containerPort: 2381
              name: probe-port
              protocol: TCP
            resources:
              requests:
                cpu: 100m
                memory: 100Mi
            volumeMounts:
            - mountPath: {dataDir}
              name: etcd-data
            - mountPath: {pki}
              name: etcd-certs
          hostNetwork: true
          priority: 2000001000
          priorityClassName: system-node-critical
          securityContext:
            seccompProfile:
              type: RuntimeDefault
          volumes:
          - hostPath:
              path: {pki}
              type: DirectoryOrCreate
            name: etcd-certs
          - hostPath:
              path: {dataDir}
              type: DirectoryOrCreate
            name: etcd-data
        status: {"{}"}

        """;
}
