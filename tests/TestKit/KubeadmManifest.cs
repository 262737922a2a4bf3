namespace EtcdFleet.TestKit;

/// <summary>The static Pod manifest of etcd in the shape that kubeadm gives it. The lab's nodes have it too.</summary>
internal static class KubeadmManifest
{
    public static string Text(IEnumerable<string> flags, string dataDir, string pki, string image, string address = "10.66.0.11") =>
        $"""
        apiVersion: v1
        kind: Pod
        metadata:
          annotations:
            kubeadm.kubernetes.io/etcd.advertise-client-urls: https://{address}:2379
          labels:
            component: etcd
            tier: control-plane
          name: etcd
          namespace: kube-system
        spec:
          containers:
          - command:
            - etcd
            {string.Join("\n    ", flags.Select(flag => $"- {flag}"))}
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
            readinessProbe:
              failureThreshold: 3
              httpGet:
                host: 127.0.0.1
                path: /readyz
                port: probe-port
                scheme: HTTP
              periodSeconds: 1
              timeoutSeconds: 15
            resources:
              requests:
                cpu: 100m
                memory: 100Mi
            startupProbe:
              failureThreshold: 24
              httpGet:
                host: 127.0.0.1
                path: /readyz
                port: probe-port
                scheme: HTTP
              initialDelaySeconds: 10
              periodSeconds: 10
              timeoutSeconds: 15
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
